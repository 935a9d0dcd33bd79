import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { runExportOnce } from './exports.ts'
import { quantile, rate, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'
import { headOf, Wire } from './wire.ts'

const goalRate = 1000
const goalMs = 30
const goalRateBesideExport = 600
const seconds = 5

interface Load {
  perSecond: number
  p50: number
  p95: number
  p99: number
}

/** Single calls and pages of the list, from 1, 16 and 64 callers that each wait for their answer. */
export async function measureCalls({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(2_000_000 * scale)
  const data = join(directory, 'calls')
  const engine = await prepare(data, calls)
  let next = 0
  const detail = () => `/api/v1/calls/${engine.ids[next++ % engine.ids.length]}`
  const ceiling = await echoLoad(detail)
  const server = await startServer(data)
  const figures: Figure[] = []
  try {
    // What the engine merges after the filling is not what is measured.
    await wait(3000)
    for (const callers of [1, 16, 64]) {
      const measured = await load(server.url, server.key.apiKey, callers, detail)
      const against =
        callers === 16
          ? { what: "the bare engine's query for each", ratio: measured.perSecond / engine.perSecond }
          : undefined
      figures.push(
        ...figuresOf(`details, ${callers} callers`, measured, callers === 16 ? goalRate : undefined, against),
      )
    }
    figures.push(
      ...figuresOf('details, 16 callers, during exports', await duringExports(server, detail), goalRateBesideExport),
    )
    for (const { what, path } of lists(calls)) {
      for (const callers of what === 'newest' ? [1, 16, 64] : [1]) {
        figures.push(
          ...figuresOf(
            `list, ${what}, ${callers} callers`,
            await load(server.url, server.key.apiKey, callers, path, 2),
          ),
        )
      }
    }
  } finally {
    await server.stop()
  }
  figures.push({ label: "the bare engine's query for each, 16 callers", value: engine.perSecond, unit: '/s' })
  figures.push(...figuresOf('what the client alone can ask for, 16 callers', ceiling))
  return { name: `calls of ${calls.toLocaleString('en-US')}`, figures }
}

function lists(calls: number): { what: string; path: () => string }[] {
  const path = (query: string) => () => `/api/v1/calls?${query}`
  return [
    { what: 'newest', path: path('') },
    { what: 'by cursor', path: path('cursor=start&limit=100') },
    { what: 'one agent', path: path('agent_id=agent-17&status=completed') },
    { what: 'a month', path: path('from=2026-03-01&to=2026-03-31') },
    { what: 'longest', path: path('sort_by=duration_seconds') },
    { what: 'deep offset', path: path(`offset=${Math.floor(calls * 0.95)}&limit=100`) },
    { what: 'words', path: path('q=cuotas%20revisar') },
    { what: 'part of a number', path: path('q=1011545') },
  ]
}

function figuresOf(label: string, load: Load, goal?: number, against?: Figure['against']): Figure[] {
  const { perSecond, p50, p95, p99 } = load
  return [
    {
      label,
      value: perSecond,
      unit: '/s',
      ...(against ? { against } : {}),
      ...(goal === undefined ? {} : { goal: { text: `${goal} /s`, isMet: perSecond >= goal } }),
    },
    { label: `${label}, median`, value: p50, unit: 'ms' },
    { label: `${label}, 95th of 100`, value: p95, unit: 'ms' },
    {
      label: `${label}, 99th of 100`,
      value: p99,
      unit: 'ms',
      ...(goal === goalRate ? { goal: { text: `under ${goalMs} ms`, isMet: p99 < goalMs } } : {}),
    },
  ]
}

async function prepare(directory: string, calls: number): Promise<{ perSecond: number; ids: string[] }> {
  const child = fork(new URL('./callsEngine.ts', import.meta.url), [directory, String(calls)])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ perSecond: number; ids: string[] }]
  await ended
  return message
}

async function load(
  url: string,
  apiKey: string,
  callers: number,
  path: () => string,
  lastsSeconds = seconds,
): Promise<Load> {
  const wires = await Promise.all(Array.from({ length: callers }, () => Wire.open(url)))
  const times: number[] = []
  const nothing = Buffer.alloc(0)
  const warm = performance.now() + 1000
  const end = warm + lastsSeconds * 1000
  await Promise.all(
    wires.map(async (wire) => {
      for (;;) {
        const head = headOf('GET', path(), apiKey, 'application/json')
        const sent = performance.now()
        if (sent > end) return
        const answer = await wire.send(head, nothing)
        if (answer.status !== 200) throw new Error(`A reading was refused: ${answer.body.slice(0, 500)}`)
        if (sent > warm) times.push(performance.now() - sent)
      }
    }),
  )
  const perSecond = rate(times.length, performance.now() - warm)
  for (const wire of wires) wire.close()
  return { perSecond, p50: quantile(times, 0.5), p95: quantile(times, 0.95), p99: quantile(times, 0.99) }
}

/** The load while one export after the other runs in the same process. */
async function duringExports(server: ServerProcess, path: () => string): Promise<Load> {
  let isOver = false
  const exporting = (async () => {
    while (!isOver) await runExportOnce(server, 'csv')
  })()
  const measured = await load(server.url, server.key.apiKey, 16, path).finally(() => (isOver = true))
  await exporting
  return measured
}

/** The same load on a server that does nothing: what the client and two processes on one machine could do at best. */
async function echoLoad(path: () => string): Promise<Load> {
  const child = fork(new URL('./echoServer.ts', import.meta.url))
  const ended = once(child, 'exit')
  const [port] = (await once(child, 'message')) as [number]
  const measured = await load(`http://127.0.0.1:${port}`, 'none', 16, path, 2)
  child.disconnect()
  await ended
  return measured
}
