import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { rate, timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { measureUpserts } from './postgresUpsert.ts'
import { callBatches, ndjson, turnBatches } from './records.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'
import { headOf, Wire } from './wire.ts'

const senders = 3
const goals = { calls: 20_000, turns: 40_000 }

/**
 * Bulk ingestion over HTTP, in NDJSON batches of 10,000 by three senders, a fifth of the calls corrections; against
 * the bare engine's insert of the resulting rows, and against PostgreSQL's upsert of the same records.
 */
export async function measureBulk({ scale, directory }: BenchOptions): Promise<Result> {
  const batches = { calls: Math.max(2, Math.round(8 * scale)), turns: Math.max(2, Math.round(14 * scale)) }
  const figures: Figure[] = []
  const server = await startServer(join(directory, 'bulk'))
  const rates = { calls: 0, turns: 0 }
  try {
    for (const name of ['calls', 'turns'] as const) rates[name] = await sendAll(server, name, batches[name])
  } finally {
    await server.stop()
  }
  for (const name of ['calls', 'turns'] as const) {
    figures.push({
      label: `${name}, through HTTP`,
      value: rates[name],
      unit: '/s',
      goal: { text: `${goals[name]} /s`, isMet: rates[name] >= goals[name] },
    })
    for (const connections of [1, senders]) {
      const total = batches[name] * senders
      const folder = join(directory, `${name}-${connections}`)
      const bare = await bareRate(`${folder}-bare`, name, connections, total / connections)
      const postgres = await measureUpserts(`${folder}-upsert`, name, connections, total / connections)
      const by = connections === 1 ? 'one connection' : `${connections} connections`
      figures.push(
        against(`${name}, bare insert by ${by}`, bare, rates[name], 'half of it or more', 0.5),
        against(`${name}, PostgreSQL upsert by ${by}`, postgres, rates[name], 'ahead of it', 1),
      )
    }
  }
  return { name: 'bulk ingestion', figures }
}

function against(label: string, other: number, own: number, text: string, min: number): Figure {
  const ratio = own / other
  return {
    label,
    value: other,
    unit: '/s',
    against: { what: 'this, Earshot', ratio },
    goal: { text, isMet: ratio >= min },
  }
}

async function sendAll(server: ServerProcess, name: 'calls' | 'turns', batches: number): Promise<number> {
  const source = name === 'calls' ? callBatches : turnBatches
  // Made before the clock starts: the client must not be what is measured.
  const bodies = Array.from({ length: senders }, (_, sender) => [...source(sender, batches)].map(ndjson))
  const wires = await Promise.all(bodies.map(() => Wire.open(server.url)))
  const head = headOf('POST', `/v1/ingest/${name}`, server.key.apiKey, 'application/x-ndjson')
  const milliseconds = await timed(() =>
    Promise.all(
      wires.map(async (wire, sender) => {
        for (const body of bodies[sender] ?? []) {
          const answer = await wire.send(head, body)
          if (answer.status !== 200) throw new Error(`A batch was refused: ${answer.body.slice(0, 500)}`)
        }
      }),
    ),
  )
  for (const wire of wires) wire.close()
  // Acknowledged is durable; to be fair to the others, it must also be readable.
  const readable = await timed(() => readOne(server))
  return rate(senders * batches * 10_000, milliseconds + readable)
}

async function readOne(server: ServerProcess): Promise<void> {
  const answer = await fetch(`${server.url}/v1/records/calls?limit=1`, { headers: { 'X-Api-Key': server.key.apiKey } })
  if (!answer.ok) throw new Error(`The list of calls answers ${answer.status}.`)
  await answer.text()
}

async function bareRate(directory: string, name: string, connections: number, batches: number): Promise<number> {
  const child = fork(new URL('./bareInsert.ts', import.meta.url), [
    directory,
    name,
    String(connections),
    String(batches),
  ])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ rate: number }]
  await ended
  return message.rate
}
