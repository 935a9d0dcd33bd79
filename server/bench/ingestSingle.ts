import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { median, quantile, rate, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startPeer } from './peerProcess.ts'
import { callOf } from './records.ts'
import { startServer } from './serverProcess.ts'
import { headOf, Wire } from './wire.ts'

const rounds = 3
/** Senders, and how much of the peer's rate Earshot is to reach. */
const goals = [
  { senders: 1, ofPeer: 0.5 },
  { senders: 32, ofPeer: 1 },
  { senders: 128, ofPeer: 1 },
]

interface Load {
  perSecond: number
  p50: number
  p99: number
}

/** Single records, one a request, from 1, 32 and 128 senders that each wait for their answer: Earshot and the peer in turn. */
export async function measureSingles({ scale, directory }: BenchOptions): Promise<Result> {
  const seconds = Math.max(1, 5 * Math.min(1, scale))
  const ceiling = await echoRate(seconds / 2)
  const earshot = await startServer(join(directory, 'singles'))
  const peer = await startPeer(join(directory, 'peer'))
  const figures: Figure[] = []
  try {
    for (const { senders, ofPeer } of goals) {
      const own: Load[] = []
      const other: Load[] = []
      for (let round = 0; round < rounds; round++) {
        own.push(await load(earshot.url, earshot.key.apiKey, senders, seconds))
        other.push(await load(peer.url, peer.apiKey, senders, seconds))
      }
      figures.push(...figuresOf(senders, own, other, ofPeer))
    }
  } finally {
    await peer.stop()
    await earshot.stop()
  }
  figures.push({ label: 'what the client alone can send (32 senders)', value: ceiling, unit: '/s' })
  return { name: 'single records', figures }
}

function figuresOf(senders: number, own: Load[], other: Load[], ofPeer: number): Figure[] {
  const ratio = (value: (load: Load) => number) =>
    median(own.map((load, round) => value(load) / value(other[round] ?? load)))
  const by = senders === 1 ? '1 sender' : `${senders} senders`
  const rates = ratio(({ perSecond }) => perSecond)
  const slowest = ratio(({ p99 }) => p99)
  return [
    {
      label: by,
      value: median(own.map(({ perSecond }) => perSecond)),
      unit: '/s',
      against: { what: 'the peer', ratio: rates },
      goal: { text: `${ofPeer} of the peer`, isMet: rates >= ofPeer },
    },
    { label: `${by}, median`, value: median(own.map(({ p50 }) => p50)), unit: 'ms' },
    {
      label: `${by}, 99th of 100`,
      value: median(own.map(({ p99 }) => p99)),
      unit: 'ms',
      against: { what: 'the peer', ratio: slowest },
      goal: { text: "no higher than the peer's", isMet: slowest <= 1 },
    },
  ]
}

let nextCall = 50_000_000

async function load(url: string, apiKey: string, senders: number, seconds: number): Promise<Load> {
  const head = headOf('POST', '/v1/ingest/calls', apiKey, 'application/json')
  const wires = await Promise.all(Array.from({ length: senders }, () => Wire.open(url)))
  const times: number[] = []
  const began = performance.now()
  const warm = began + 500
  const end = warm + seconds * 1000
  await Promise.all(
    wires.map(async (wire) => {
      for (;;) {
        const body = Buffer.from(JSON.stringify(callOf(nextCall++)))
        const sent = performance.now()
        if (sent > end) return
        const answer = await wire.send(head, body)
        if (answer.status !== 200) throw new Error(`A record was refused: ${answer.body.slice(0, 500)}`)
        if (sent > warm) times.push(performance.now() - sent)
      }
    }),
  )
  const perSecond = rate(times.length, performance.now() - warm)
  for (const wire of wires) wire.close()
  return { perSecond, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** The same load on a server that does nothing: what the client and two processes on one machine could do at best. */
async function echoRate(seconds: number): Promise<number> {
  const child = fork(new URL('./echoServer.ts', import.meta.url))
  const ended = once(child, 'exit')
  const [port] = (await once(child, 'message')) as [number]
  const { perSecond } = await load(`http://127.0.0.1:${port}`, 'none', 32, seconds)
  child.disconnect()
  await ended
  return perSecond
}
