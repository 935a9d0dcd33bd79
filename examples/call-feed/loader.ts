// Loads every finished call from the call feed into CSV files, each call once. Runs with Node.js 24, without packages.
//
//     EARSHOT_URL=https://calls.example.com EARSHOT_JWT=eyJ… node loader.ts [folder]
//
// Run it as often as you like, for example nightly: a run goes on where the one before ended. The names of the files say
// which calls they hold (calls-FIRST-LAST.csv), so they are all the state there is. EARSHOT_PER_PAGE sets the calls in a
// page and file (1,000).
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const url = (process.env['EARSHOT_URL'] ?? 'http://127.0.0.1:8080').replace(/\/+$/, '')
const perPage = process.env['EARSHOT_PER_PAGE'] ?? '1000'
const folder = process.argv[2] ?? 'calls'

/** The highest callId that a file holds; 0 at first. */
async function highestExported(): Promise<number> {
  const names = await readdir(folder)
  return Math.max(0, ...names.map((name) => Number(/^calls-\d+-(\d+)\.csv$/.exec(name)?.[1] ?? 0)))
}

async function getPage(page: number, after: number): Promise<string> {
  const query = new URLSearchParams({
    format: 'csv',
    per_page: perPage,
    page: String(page),
    afterCallId: String(after),
    consecutive: 'true',
  })
  for (;;) {
    const answer = await fetch(`${url}/v1/sa/call?${query.toString()}`, {
      headers: { Authorization: `Bearer ${process.env['EARSHOT_JWT'] ?? ''}` },
    })
    if (answer.ok) return answer.text()
    // Too many requests, or busy: the server says when to come back.
    if (answer.status !== 429 && answer.status !== 503) {
      throw new Error(`The server answers ${answer.status}: ${await answer.text()}`)
    }
    await pause(1000 * Number(answer.headers.get('Retry-After') ?? 5))
  }
}

/** The `callId` of each row. It is the third column, and the two before it are never quoted. */
function callIdsOf(csv: string): number[] {
  // Without what is in quotes, where line breaks may stand, every line is a row.
  const lines = csv.replaceAll(/"(?:[^"]|"")*"/g, '').split('\r\n')
  const column = lines[0]?.split(',').indexOf('callId') ?? -1
  if (column < 0) throw new Error('The answer has no column callId.')
  return lines
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => Number(line.split(',')[column]))
}

/** A file is there whole or not at all, whenever the loader is interrupted. */
async function save(csv: string, first: number, last: number): Promise<void> {
  const draft = join(folder, 'draft')
  await writeFile(draft, csv)
  const name = [first, last].map((callId) => String(callId).padStart(9, '0')).join('-')
  await rename(draft, join(folder, `calls-${name}.csv`))
}

await mkdir(folder, { recursive: true })
// Constant over the run, while the page counts up.
const after = await highestExported()
let exported = 0
for (let page = 1; ; page++) {
  const csv = await getPage(page, after)
  const callIds = callIdsOf(csv)
  const [first] = callIds
  const last = callIds.at(-1)
  if (first === undefined || last === undefined) break
  await save(csv, first, last)
  exported += callIds.length
}
process.stdout.write(`${exported} calls exported; the highest callId is ${await highestExported()}.\n`)
