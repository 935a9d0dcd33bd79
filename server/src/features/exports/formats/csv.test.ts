import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  columns,
  localTime,
  openTestClickHouse,
  type Row,
  row,
  select as selectIn,
  write,
} from '../../../../test/exportSelection.ts'
import { formatLocalTime, localTimeExpression, offsetTransitions } from '../../../domain/period.ts'
import type { Column } from './columns.ts'
import { csvFormat } from './csv.ts'

let engine: Awaited<ReturnType<typeof openTestClickHouse>>
const select = (rows: Row[]) => selectIn(engine.clickhouse, rows)

beforeAll(async () => {
  engine = await openTestClickHouse()
})
afterAll(() => engine.close())

function neutral(value: string): string {
  return '=+-@\t\r'.includes(value.charAt(0) || 'x') && !/^[+-]?[0-9 ().-]+$/.test(value) ? `'${value}` : value
}

/** A row as it must be read, but for the number, which is compared as a number. */
function expected(given: Row, safe: (value: string) => string): string[] {
  return [
    safe(given.text),
    safe(given.note ?? ''),
    safe(given.id),
    given.phone,
    String(given.count ?? ''),
    given.endedAt === null ? '' : localTime(given.endedAt),
  ]
}

const plain: Row = { text: 'x', note: null, id: 'a b;c', phone: '+1', score: 66.66, count: 7, endedAt: 0 }

describe('CSV', () => {
  const excelCsv = csvFormat({ byteOrderMark: true, neutraliseFormulas: true })
  const machineCsv = csvFormat({ byteOrderMark: false, neutraliseFormulas: false })

  it.each([
    ['for spreadsheets', excelCsv, neutral],
    ['for machines', machineCsv, (value: string) => value],
  ])('%s reads back as it was written', async (_, format, safe) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60, size: 'max' }), async (rows) => {
        const file = await write(format, await select(rows))
        const [header, ...records] = parse(file, { bom: format === excelCsv, record_delimiter: '\r\n' })
        expect(header).toEqual(columns.map((column) => safe(column.header)))
        expect(records.map((record) => record.toSpliced(4, 1))).toEqual(rows.map((given) => expected(given, safe)))
        records.forEach((record, index) => {
          const score = rows[index]?.score ?? null
          if (score === null) expect(record[4]).toBe('')
          else expect(Math.abs(Number(record[4]) - score)).toBeLessThanOrEqual(0.0500001)
        })
      }),
      { numRuns: 12 },
    )
  })

  it('quotes whatever ends a line for some reader, and nothing without need', async () => {
    const given = { ...plain, text: '' }
    const lines = ['\r', '\n', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029']
    const file = await write(machineCsv, await select([given, ...lines.map((end) => ({ ...given, text: `a${end}b` }))]))
    const body = file.toString().split('\r\n').slice(1)
    expect(body[0]).toBe(',,a b;c,+1,66.7,7,1969-12-31 21:00:00')
    lines.forEach((end, index) => expect(body[index + 1]).toBe(`"a${end}b",,a b;c,+1,66.7,7,1969-12-31 21:00:00`))
  })

  it('begins with a byte order mark only when asked to', async () => {
    const empty = await select([])
    expect((await write(excelCsv, empty)).subarray(0, 3).toString('hex')).toBe('efbbbf')
    expect((await write(machineCsv, empty)).toString()).toBe(
      '"Texto, ""ñ""",=1+1,"CallId\u2028", _x0041_<&>\u0001 ,Nota,Duración (s),Fecha\r\n',
    )
  })

  it('shows local times as a clock in the zone showed them', async () => {
    const zone = 'America/Santiago'
    const fromMs = Date.UTC(2026, 2, 1)
    const rows = Array.from({ length: 2000 }, (_, index) => ({ ...plain, endedAt: fromMs + index * 9_000_123 }))
    const transitions = offsetTransitions(zone, fromMs, Date.UTC(2026, 9, 1))
    const sql = localTimeExpression('ended_at', transitions)
    const fecha: Column[] = [{ header: 'Fecha', type: 'localTime', sql }]
    const file = await write(machineCsv, { ...(await select(rows)), columns: fecha })
    expect(file.toString().trimEnd().split('\r\n').slice(1)).toEqual(
      rows.map((given) => formatLocalTime(given.endedAt, zone)),
    )
  })

  it('ends with the count of its rows, and with an error when aborted or when the query fails', async () => {
    const selection = await select([plain, plain])
    await write(excelCsv, selection)
    expect(selection.counts.at(-1)).toBe(2)
    await expect(write(excelCsv, { ...selection, signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
    await expect(write(excelCsv, { ...selection, table: 'no_such_table' })).rejects.toThrow(/no_such_table/)
  })
})
