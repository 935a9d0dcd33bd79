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
import { type Cell, readWorkbook } from '../../../../test/readWorkbook.ts'
import type { Column } from './columns.ts'
import { csvFormat } from './csv.ts'
import { xlsxFormat } from './xlsx.ts'

let engine: Awaited<ReturnType<typeof openTestClickHouse>>
const select = (rows: Row[]) => selectIn(engine.clickhouse, rows)

beforeAll(async () => {
  engine = await openTestClickHouse()
})
afterAll(() => engine.close())

function textCell(value: string | null): Cell {
  return value === null || value === '' ? undefined : { text: value }
}

function expectCells(cells: Cell[] | undefined, given: Row): void {
  const [shownText, note, id, phone, score, count, endedAt] = cells ?? []
  expect([shownText, note, id, phone]).toEqual([given.text, given.note, given.id, given.phone].map(textCell))
  expect(count).toEqual(given.count === null ? undefined : { number: given.count })
  expect(endedAt).toEqual(given.endedAt === null ? undefined : { time: localTime(given.endedAt) })
  if (given.score === null) expect(score).toBeUndefined()
  else expect(score).toEqual({ number: expect.closeTo(given.score, 0) as number })
}

describe('XLSX', () => {
  const xlsx = xlsxFormat({ sheetName: 'AI Calls' })

  it('reads back as it was written, cell types included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 60, size: 'max' }), async (rows) => {
        const [sheet] = await readWorkbook(await write(xlsx, await select(rows)))
        expect(sheet?.name).toBe('AI Calls')
        expect(sheet?.rows[0]).toEqual(columns.map((column) => ({ text: column.header })))
        expect(sheet?.rows).toHaveLength(rows.length + 1)
        rows.forEach((given, index) => expectCells(sheet?.rows[index + 1], given))
        expect(sheet?.xml).not.toMatch(/<f[ >]/)
      }),
      { numRuns: 15 },
    )
  })

  const plain: Row = { text: 'x', note: null, id: 'a', phone: '+1', score: 1, count: 1, endedAt: 0 }

  it('goes on in another sheet, with its header, where one is full', async () => {
    const rows = Array.from({ length: 25 }, (_, index) => ({ ...plain, count: index }))
    for (const rowsPerSheet of [10, 25, 24]) {
      const selection = await select(rows)
      const sheets = await readWorkbook(await write(xlsxFormat({ sheetName: 'A/B', rowsPerSheet }), selection))
      expect(sheets.map((sheet) => sheet.name)).toEqual(
        ['A B', 'A B 2', 'A B 3'].slice(0, Math.ceil(25 / rowsPerSheet)),
      )
      const counts = sheets.flatMap((sheet) => sheet.rows.slice(1).map((cells) => cells[5]))
      expect(counts).toEqual(rows.map((given) => ({ number: given.count })))
      for (const sheet of sheets) expect(sheet.rows[0]).toHaveLength(columns.length)
      expect(selection.counts.at(-1)).toBe(25)
    }
  })

  it('cuts a text to what a cell holds, and says so', async () => {
    const fits = ['a'.repeat(32_767), '😀'.repeat(16_383), '&'.repeat(32_767)]
    const tooLong = ['a'.repeat(32_768), '😀'.repeat(16_384), 'ñ'.repeat(40_000), 'é😀'.repeat(20_000)]
    const rows = [...fits, ...tooLong].map((long) => ({ ...plain, text: long }))
    const [sheet] = await readWorkbook(await write(xlsx, await select(rows)))
    const shown = sheet?.rows.slice(1).map((cells) => (cells[0] && 'text' in cells[0] ? cells[0].text : ''))
    expect(shown?.slice(0, fits.length)).toEqual(fits)
    tooLong.forEach((long, index) => {
      const cut = shown?.[fits.length + index] ?? ''
      expect(cut.length).toBeLessThanOrEqual(32_767)
      expect(cut.length).toBeGreaterThan(20_000)
      expect(cut).toMatch(/… \[truncated\]$/)
      expect(long.startsWith(cut.slice(0, -13))).toBe(true)
    })
  })

  it('is well formed even around bytes that are no UTF-8', async () => {
    const selection = await select([plain])
    const bytes = {
      ...selection,
      columns: [{ header: 'x', type: 'text', sql: `concat('<', unhex('EDA080FF'), '>')` } as const],
    }
    const [sheet] = await readWorkbook(await write(xlsx, bytes))
    expect(sheet?.rows[1]).toEqual([{ text: expect.stringMatching(/^<\ufffd+>$/) as string }])
    expect((await write(csvFormat({ byteOrderMark: false, neutraliseFormulas: true }), bytes)).toString()).toMatch(
      /^x\r\n<\ufffd+>\r\n$/,
    )
  })

  it('writes a thousand columns without holding up the process', async () => {
    const selection = await select([plain])
    const wide = Array.from({ length: 1000 }, (_, index) => ({ ...columns[0], header: `EPA_${index}` }) as Column)
    const [sheet] = await readWorkbook(await write(xlsx, { ...selection, columns: wide }))
    expect(sheet?.rows[1]).toEqual(wide.map(() => ({ text: 'x' })))
  })

  it('fails when the selection has fewer rows than it says, or is aborted, or the query fails', async () => {
    const selection = await select([plain])
    await expect(write(xlsx, { ...selection, rowCount: 2 })).rejects.toThrow(/has 1 rows; 2 were expected/)
    await expect(write(xlsx, { ...selection, signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
    await expect(write(xlsx, { ...selection, table: 'no_such_table' })).rejects.toThrow(/no_such_table/)
  })

  it('lets the engine go when its reader goes away', async () => {
    const selection = await select(Array.from({ length: 3000 }, () => plain))
    for (let round = 0; round < 6; round++) {
      for await (const _ of xlsx.write(selection)) break
    }
    expect(await engine.clickhouse.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect((await readWorkbook(await write(xlsx, selection)))[0]?.rows).toHaveLength(3001)
  })
})
