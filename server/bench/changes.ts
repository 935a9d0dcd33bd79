import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { medianTime, rate, timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'

/** A run through all changes of a collection: how many came, and where its last page began. */
interface Run {
  rows: number
  milliseconds: number
  lastCursor: string
  endCursor: string
}

/**
 * Everything that changed, page by page, of a million calls and two million turns: rows a second against the engine's
 * own dump of the table, the last page against the first, and a poll at the end.
 */
export async function measureChanges({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(1_000_000 * scale)
  const turns = 2 * calls
  const data = join(directory, 'changes')
  await inOwnProcess('fill', data, calls, turns)
  const engine = {
    ndjson: calls / (await inOwnProcess('JSONEachRow', data, calls, turns)),
    parquet: calls / (await inOwnProcess('Parquet', data, calls, turns)),
  }
  const server = await startServer(data)
  const figures: Figure[] = []
  try {
    const before = server.memory()
    let max = before
    const watch = setInterval(() => (max = Math.max(max, server.memory())), 50)
    for (const [collection, limit, format] of [
      ['calls', 10_000, 'ndjson'],
      ['calls', 100_000, 'ndjson'],
      ['calls', 100_000, 'parquet'],
      ['turns', 10_000, 'ndjson'],
      ['turns', 100_000, 'parquet'],
    ] as const) {
      const path = `/v1/changes/${collection}?limit=${limit}&format=${format}`
      const run = await readThrough(server, `${path}${format === 'ndjson' ? '&compression=none' : ''}`)
      figures.push(...(await figuresOf(server, path, run, `${collection}, ${format}, pages of ${limit}`)))
      const own = engine[format]
      const speed = figures.findLast((figure) => figure.unit === 'rows/s')
      if (collection === 'calls' && speed) {
        speed.against = { what: `the engine's own dump, ${Math.round(own)} rows/s`, ratio: speed.value / own }
      }
    }
    clearInterval(watch)
    figures.push({ label: 'growth of memory', value: max - before, unit: 'MiB' })
  } finally {
    await server.stop()
  }
  return { name: `changes of ${calls.toLocaleString('en-US')} calls and twice as many turns`, figures }
}

async function figuresOf(server: ServerProcess, path: string, run: Run, label: string): Promise<Figure[]> {
  const page = (cursor: string) => medianTime(() => readPage(server, `${path}&cursor=${cursor}`), 3)
  const [first, last, end] = [await page(''), await page(run.lastCursor), await page(run.endCursor)]
  return [
    { label, value: rate(run.rows, run.milliseconds), unit: 'rows/s' },
    {
      label: `${label}: the last full page`,
      value: last,
      unit: 'ms',
      against: { what: `the first, ${first.toFixed(0)} ms`, ratio: last / first },
    },
    { label: `${label}: a poll at the end`, value: end, unit: 'ms', goal: { text: 'under 20 ms', isMet: end < 20 } },
  ]
}

async function readThrough(server: ServerProcess, path: string): Promise<Run> {
  const run: Run = { rows: 0, milliseconds: 0, lastCursor: '', endCursor: '' }
  run.milliseconds = await timed(async () => {
    for (let hasMore = true; hasMore;) {
      run.lastCursor = run.endCursor
      const page = await readPage(server, `${path}&cursor=${run.lastCursor}`)
      ;({ hasMore, cursor: run.endCursor } = page)
    }
  })
  const [, seq] = /,(\d+),\d+]$/.exec(Buffer.from(run.endCursor, 'base64url').toString()) ?? []
  // Every place holds one record of the collection, so the last one counts them.
  run.rows = Number(seq)
  return run
}

async function readPage(server: ServerProcess, path: string): Promise<{ hasMore: boolean; cursor: string }> {
  const answer = await fetch(`${server.url}${path}`, { headers: { 'X-Api-Key': server.key.apiKey } })
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}: ${await answer.text()}`)
  for await (const chunk of answer.body ?? []) void chunk
  return {
    hasMore: answer.headers.get('x-has-more') === 'true',
    cursor: answer.headers.get('x-next-cursor') ?? '',
  }
}

async function inOwnProcess(task: string, directory: string, calls: number, turns: number): Promise<number> {
  const child = fork(new URL('./changesEngine.ts', import.meta.url), [task, directory, String(calls), String(turns)])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ seconds: number }]
  await ended
  return message.seconds
}
