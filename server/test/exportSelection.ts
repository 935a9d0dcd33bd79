import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Column } from '../src/features/exports/formats/columns.ts'
import type { Format, Selection } from '../src/features/exports/formats/format.ts'
import type { ClickHouse } from '../src/store/clickhouse/clickhouse.ts'
import { openEmbeddedClickHouse } from '../src/store/clickhouse/embeddedClickHouse.ts'

let tables = 0

/** An engine of the test's own, in a folder that goes with it. */
export async function openTestClickHouse(): Promise<{ clickhouse: ClickHouse; close(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'earshot-clickhouse-'))
  const clickhouse = openEmbeddedClickHouse(join(directory, 'clickhouse'), 0)
  return {
    clickhouse,
    async close() {
      await clickhouse.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** A row of the tests' selections, as it is given. */
export interface Row {
  text: string
  note: string | null
  id: string
  phone: string
  score: number | null
  count: number | null
  endedAt: number | null
}

export const columns: Column[] = [
  { header: 'Texto, "ñ"', type: 'text', sql: 'text' },
  { header: '=1+1', type: 'text', sql: 'note' },
  { header: 'CallId\u2028', type: 'id', sql: 'id' },
  { header: ' _x0041_<&>\u0001 ', type: 'phone', sql: 'phone' },
  { header: 'Nota', type: 'number', sql: 'score', decimals: 1 },
  { header: 'Duración (s)', type: 'integer', sql: 'count' },
  { header: 'Fecha', type: 'localTime', sql: 'addSeconds(ended_at, -10800)' },
]

/** A selection of `rows`, in their order. */
export async function select(clickhouse: ClickHouse, rows: Row[]): Promise<Selection & { counts: number[] }> {
  const table = `selection_${++tables}`
  await clickhouse.command(`
CREATE TABLE ${table} (
  place UInt32, text String, note Nullable(String), id String, phone LowCardinality(String),
  score Nullable(Float64), count Nullable(UInt32), ended_at Nullable(DateTime64(3, 'UTC'))
) ENGINE = Log`)
  const names = ['place', 'text', 'note', 'id', 'phone', 'score', 'count', 'ended_at']
  const lines = rows.map((row, place) => {
    const endedAt = row.endedAt === null ? null : new Date(row.endedAt).toISOString().slice(0, -1).replace('T', ' ')
    return JSON.stringify([place, row.text, row.note, row.id, row.phone, row.score, row.count, endedAt])
  })
  if (rows.length > 0) await clickhouse.insert(table, names, Buffer.from(`${lines.join('\n')}\n`))
  const counts: number[] = []
  const signal = new AbortController().signal
  const onRows = (count: number) => void counts.push(count)
  return { clickhouse, table, columns, rowCount: rows.length, signal, onRows, counts }
}

/** The whole file. */
export async function write(format: Format, selection: Selection): Promise<Buffer> {
  const pieces = []
  for await (const piece of format.write(selection)) pieces.push(piece)
  return Buffer.concat(pieces)
}

const nastyCharacter = fc.constantFrom(
  ...'",;\'\\=+-@\t\r\n\v\f\x1c\x1e\x85\u2028\u2029\0\x01\x1f\x7f\ufffe\uffff\ufeff_x041<>& ñ→'.split(''),
  '😀',
  '\r\n',
)
const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: nastyCharacter, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '',
      '+56 9 1234-5678',
      '-5',
      '-5+cmd',
      '=HYPERLINK("x")',
      '@SUM(1)',
      '\t=1',
      '\r=1',
      '+',
      "'quoted",
      '007',
      '_x0041_',
      '_x0041_x0042_',
      '__x0041__',
      '_x005F_',
      '&amp;',
      '<b>',
      ' edge ',
      '\nedge\n',
      'a\r\nb',
    ),
  },
)
/** Rows with whatever breaks files: quotes, line ends, control characters, formulas, escapes. */
export const row: fc.Arbitrary<Row> = fc.record({
  text,
  note: fc.option(text),
  id: text,
  phone: fc.oneof(text, fc.constantFrom('+56912345678', '0056912345678', 'sip:a@b')),
  score: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })),
  count: fc.option(fc.nat()),
  endedAt: fc.option(fc.integer({ min: Date.UTC(1970, 0, 2), max: Date.UTC(2200, 0, 1) })),
})

/** The local time of the tests' zone, three hours behind UTC all year. */
export function localTime(endedAt: number): string {
  return new Date(Math.floor(endedAt / 1000 - 10_800) * 1000).toISOString().slice(0, 19).replace('T', ' ')
}
