import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { median, rate, timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startPeer, type Receiver } from './peerProcess.ts'
import { callBatches, ndjson, turnBatches } from './records.ts'
import { startServer } from './serverProcess.ts'
import { headOf, Wire } from './wire.ts'

const senders = 3
const rounds = 3
const collections = ['calls', 'turns'] as const
type CollectionName = (typeof collections)[number]

/** Records a second in one round; the three ran one after the other on the same machine. */
interface Round {
  earshot: number
  peer: number
  bare: number
}

/**
 * Bulk ingestion over HTTP, in NDJSON batches of 10,000 by three senders, a fifth of the calls corrections: Earshot, the
 * peer (Fastify and PostgreSQL) and the bare engine's insert of the resulting rows by one connection, in turn.
 */
export async function measureBulk({ scale, directory }: BenchOptions): Promise<Result> {
  const batches = { calls: Math.max(2, Math.round(8 * scale)), turns: Math.max(2, Math.round(14 * scale)) }
  const measured: Record<CollectionName, Round[]> = { calls: [], turns: [] }
  for (let round = 0; round < rounds; round++) {
    const folder = join(directory, `round-${round}`)
    const earshot = await ratesOf(await startEarshot(join(folder, 'earshot')), batches)
    const peer = await ratesOf(await startPeer(join(folder, 'peer')), batches)
    for (const name of collections) {
      const bare = await bareRate(join(folder, name), name, batches[name] * senders)
      measured[name].push({ earshot: earshot[name], peer: peer[name], bare })
    }
  }
  return { name: 'bulk ingestion', figures: collections.flatMap((name) => figuresOf(name, measured[name])) }
}

async function startEarshot(directory: string): Promise<Receiver> {
  const server = await startServer(directory)
  return { url: server.url, apiKey: server.key.apiKey, stop: () => server.stop() }
}

async function ratesOf(
  receiver: Receiver,
  batches: Record<CollectionName, number>,
): Promise<Record<CollectionName, number>> {
  try {
    const calls = await sendAll(receiver, 'calls', batches.calls)
    return { calls, turns: await sendAll(receiver, 'turns', batches.turns) }
  } finally {
    await receiver.stop()
  }
}

function figuresOf(name: CollectionName, measured: Round[]): Figure[] {
  const middle = (value: (round: Round) => number) => median(measured.map(value))
  const ofPeer = middle(({ earshot, peer }) => earshot / peer)
  const ofBare = middle(({ earshot, bare }) => earshot / bare)
  return [
    { label: `${name}, through HTTP`, value: middle(({ earshot }) => earshot), unit: '/s' },
    {
      label: `${name}, the peer`,
      value: middle(({ peer }) => peer),
      unit: '/s',
      against: { what: 'this, Earshot', ratio: ofPeer },
      goal: { text: 'level with it', isMet: ofPeer >= 1 },
    },
    {
      label: `${name}, bare insert by one connection`,
      value: middle(({ bare }) => bare),
      unit: '/s',
      against: { what: 'this, Earshot', ratio: ofBare },
      goal: { text: 'half of it or more', isMet: ofBare >= 0.5 },
    },
  ]
}

async function sendAll(receiver: Receiver, name: CollectionName, batches: number): Promise<number> {
  const source = name === 'calls' ? callBatches : turnBatches
  // Made before the clock starts: the client must not be what is measured.
  const bodies = Array.from({ length: senders }, (_, sender) => [...source(sender, batches)].map(ndjson))
  const wires = await Promise.all(bodies.map(() => Wire.open(receiver.url)))
  const head = headOf('POST', `/v1/ingest/${name}`, receiver.apiKey, 'application/x-ndjson')
  const milliseconds = await timed(async () => {
    await Promise.all(
      wires.map(async (wire, sender) => {
        for (const body of bodies[sender] ?? []) {
          const answer = await wire.send(head, body)
          if (answer.status !== 200) throw new Error(`A batch was refused: ${answer.body.slice(0, 500)}`)
        }
      }),
    )
    // Acknowledged is durable; to be fair to the others, it must also be readable. The peer's rows are at once.
    await fetch(`${receiver.url}/v1/records/calls?limit=1`, { headers: { 'X-Api-Key': receiver.apiKey } })
  })
  for (const wire of wires) wire.close()
  return rate(senders * batches * 10_000, milliseconds)
}

async function bareRate(directory: string, name: string, batches: number): Promise<number> {
  const child = fork(new URL('./bareInsert.ts', import.meta.url), [directory, name, '1', String(batches)])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ rate: number }]
  await ended
  return message.rate
}
