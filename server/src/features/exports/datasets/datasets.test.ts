import { expect, test } from 'vitest'
import { datasets } from './all.ts'

const parameters = {
  dateFrom: '2026-05-01',
  dateTo: '2026-05-31',
  timezone: 'UTC',
  from: '2026-05-01T00:00:00.000Z',
  to: '2026-06-01T00:00:00.000Z',
}

test.each(datasets)('$name describes the columns that its files have', async (dataset) => {
  // A selection without a row: no columns but the fixed ones.
  const columns = await dataset.plan(parameters).columns({ rows: async () => [] }, 'none', undefined)
  expect(columns.map(({ header, type }) => [header, type])).toEqual(
    dataset.columns.map(({ name, type }) => [name, type]),
  )
  expect(new Set(columns.map(({ header }) => header)).size).toBe(columns.length)
  for (const { description } of dataset.columns) expect(description).toMatch(/^[A-Z-].*\.$/)
})
