import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  columns as plainColumns,
  localTime,
  openTestClickHouse,
  type Row,
  row,
  select as selectIn,
  write,
} from '../../../../test/exportSelection.ts'
import type { Column } from './columns.ts'
import { ndjsonFormat } from './ndjson.ts'
import { parquetFormat } from './parquet.ts'

let engine: Awaited<ReturnType<typeof openTestClickHouse>>
let folder: string

beforeAll(async () => {
  engine = await openTestClickHouse()
  folder = await mkdtemp(join(tmpdir(), 'earshot-typed-'))
})
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

const columns: Column[] = [
  ...plainColumns,
  { header: 'at`\\', type: 'instant', sql: 'ended_at' },
  { header: 'isCounted', type: 'boolean', sql: 'count > 10' },
  { header: 'list', type: 'list', sql: '[text, id]' },
  // A header that is the name of another column, as whose value the other expressions must not take it.
  { header: 'score', type: 'text', sql: 'text' },
]

/** A row as it must be read, but for the number, which is compared as a number. */
const expected = (given: Row): unknown[] => [
  given.text || null,
  given.note || null,
  given.id || null,
  given.phone || null,
  given.count,
  given.endedAt === null ? null : localTime(given.endedAt),
  given.endedAt === null ? null : new Date(given.endedAt).toISOString(),
  given.count === null ? null : given.count > 10,
  [given.text, given.id],
  given.text || null,
]

async function check(rows: Row[], read: Record<string, unknown>[]): Promise<void> {
  expect(read.map((entry) => Object.keys(entry))).toEqual(rows.map(() => columns.map(({ header }) => header)))
  expect(read.map((entry) => Object.values(entry).toSpliced(4, 1))).toEqual(rows.map(expected))
  for (const [index, entry] of read.entries()) {
    const score = rows[index]?.score ?? null
    if (score === null) expect(entry['Nota']).toBeNull()
    else expect(Math.abs(Number(entry['Nota']) - score)).toBeLessThanOrEqual(0.0500001)
  }
}

const given = fc.array(row, { maxLength: 40, size: 'max' })

describe('formats with types', () => {
  it('NDJSON reads back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (rows) => {
        const selection = { ...(await selectIn(engine.clickhouse, rows)), columns }
        const lines = (await write(ndjsonFormat, selection)).toString().split('\n')
        expect(lines.pop()).toBe('')
        await check(
          rows,
          lines.map((line) => JSON.parse(line)),
        )
        expect(selection.counts.at(-1)).toBe(rows.length)
      }),
      { numRuns: 25 },
    )
  })

  it('Parquet reads back as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (rows) => {
        const selection = { ...(await selectIn(engine.clickhouse, rows)), columns }
        const path = join(folder, 'file.parquet')
        await writeFile(path, await write(parquetFormat, selection))
        const pieces = []
        const query = `SELECT * FROM file('${path}', Parquet) SETTINGS date_time_output_format = 'iso', input_format_parquet_preserve_order = 1`
        for await (const piece of engine.clickhouse.stream(query, 'JSONEachRow')) pieces.push(piece)
        const lines = Buffer.concat(pieces).toString().split('\n').slice(0, -1)
        await check(
          rows,
          lines.map((line) => JSON.parse(line)),
        )
      }),
      { numRuns: 15 },
    )
  })
})
