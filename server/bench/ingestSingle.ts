import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { quantile, rate, type BenchOptions, type Figure, type Result } from './measure.ts'
import { callOf } from './records.ts'
import { startServer } from './serverProcess.ts'
import { headOf, Wire } from './wire.ts'

const goalRate = 4000
const goalMs = 60

/** Single records, one a request, from 1, 32 and 128 senders that each wait for their answer. */
export async function measureSingles({ scale, directory }: BenchOptions): Promise<Result> {
  const seconds = Math.max(1, 6 * Math.min(1, scale))
  const figures: Figure[] = []
  const ceiling = await echoRate(seconds / 2)
  const server = await startServer(join(directory, 'singles'))
  try {
    for (const senders of [1, 32, 128]) {
      const { perSecond, p50, p99 } = await load(server.url, server.key.apiKey, senders, seconds)
      const goal = { text: `${goalRate} /s`, isMet: perSecond >= goalRate }
      figures.push(
        { label: `${senders} senders`, value: perSecond, unit: '/s', ...(senders === 32 ? { goal } : {}) },
        { label: `${senders} senders, median`, value: p50, unit: 'ms' },
        {
          label: `${senders} senders, 99th of 100`,
          value: p99,
          unit: 'ms',
          ...(senders === 32 ? { goal: { text: `under ${goalMs} ms`, isMet: p99 < goalMs } } : {}),
        },
      )
    }
  } finally {
    await server.stop()
  }
  figures.push({ label: 'what the client alone can send (32 senders)', value: ceiling, unit: '/s' })
  return { name: 'single records', figures }
}

let nextCall = 50_000_000

async function load(url: string, apiKey: string, senders: number, seconds: number) {
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
