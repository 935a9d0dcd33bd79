import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { median, timed, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'

const perPage = 10_000
const rowsGoal = 150_000
const slowdownGoal = 1.5

/**
 * A run through the call feed as CSV, page after page, as the published loader does it: how many rows a second, and whether
 * the last pages take longer than the first; against the engine's own bare answer of the same rows.
 */
export async function measureFeed({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.max(perPage, Math.round((1_000_000 * scale) / perPage) * perPage)
  const data = join(directory, 'feed')
  await inOwnProcess('fill', data, calls)
  const engineSeconds = await inOwnProcess('pages', data, calls)
  const server = await startServer(data)
  try {
    // The first run reads the files from the disk.
    await follow(server, calls)
    const atRest = server.memory()
    let max = atRest
    const watch = setInterval(() => (max = Math.max(max, server.memory())), 20)
    const run = await follow(server, calls)
    clearInterval(watch)
    const rate = Math.round(calls / run.seconds)
    const first = median(run.pageMs.slice(0, 5))
    const last = median(run.pageMs.slice(-5))
    const figures: Figure[] = [
      {
        label: 'feed as CSV in pages of 10,000',
        value: rate,
        unit: 'rows/s',
        against: { what: "the engine's own bare answer of the same pages", ratio: engineSeconds / run.seconds },
        goal: { text: `${rowsGoal} rows/s`, isMet: rate >= rowsGoal },
      },
      { label: 'first pages, median of 5', value: first, unit: 'ms' },
      {
        label: 'last pages, median of 5',
        value: last,
        unit: 'ms',
        against: { what: 'the first pages', ratio: last / first },
        goal: { text: `${slowdownGoal} times the first`, isMet: last <= first * slowdownGoal },
      },
      { label: 'bytes', value: run.bytes / 1_000_000, unit: 'MB' },
      { label: 'growth of memory', value: max - atRest, unit: 'MiB' },
    ]
    return { name: `call feed over ${calls.toLocaleString('en-US')} calls`, figures }
  } finally {
    await server.stop()
  }
}

/** The loader's loop, up to the page without rows. */
async function follow(
  server: ServerProcess,
  calls: number,
): Promise<{ seconds: number; pageMs: number[]; bytes: number }> {
  const pageMs: number[] = []
  let bytes = 0
  let rows = 0
  const seconds = await timed(async () => {
    for (let page = 1; ; page++) {
      const began = performance.now()
      const length = await readPage(server, page)
      if (length.rows === 0) break
      pageMs.push(performance.now() - began)
      bytes += length.bytes
      rows += length.rows
    }
  })
  if (rows !== calls) throw new Error(`The feed gave ${rows} of ${calls} calls.`)
  return { seconds: seconds / 1000, pageMs, bytes }
}

async function readPage(server: ServerProcess, page: number): Promise<{ rows: number; bytes: number }> {
  const query = `format=csv&per_page=${perPage}&page=${page}&afterCallId=0&consecutive=true`
  const answer = await fetch(`${server.url}/v1/sa/call?${query}`, { headers: { 'X-Api-Key': server.key.apiKey } })
  const body = Buffer.from(await answer.arrayBuffer())
  if (!answer.ok) throw new Error(`The feed answers ${answer.status}: ${body.toString()}`)
  // The filled calls have no line breaks in their texts.
  let lines = 0
  for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) lines++
  return { rows: lines - 1, bytes: body.length }
}

async function inOwnProcess(task: string, directory: string, calls: number): Promise<number> {
  const child = fork(new URL('./feedEngine.ts', import.meta.url), [task, directory, String(calls), String(perPage)])
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ seconds: number }]
  await ended
  return message.seconds
}
