import { expect, test } from 'vitest'
import { aiCalls } from './datasets/aiCalls.ts'
import { calls } from './datasets/calls.ts'
import { exportFrom, type ExportRow } from './export.ts'
import { fileNameOf } from './fileName.ts'
import type { ExportSurface } from './surfaces.ts'

function exportOf(surface: ExportSurface, parameters: Record<string, unknown>) {
  // Of the row the name needs these alone.
  const row = { surface, request: { datasets: ['calls'], format: 'csv', parameters } } as unknown as ExportRow
  return exportFrom(row)
}

const instants = { from: '2026-05-01T00:00:00.000Z', to: '2026-05-02T12:30:00.250Z' }
const days = { dateFrom: '2026-05-01', dateTo: '2026-05-31', timezone: 'America/Santiago' }

test('a general export is named by dataset, account and period', () => {
  const nameOf = (parameters: Record<string, unknown>, account: string) =>
    fileNameOf(exportOf('export-jobs', parameters), 'calls', calls.plan(instants), account)
  expect(nameOf(instants, 'acme')).toBe('calls_acme_20260501T000000Z_20260502T123000.250Z')
  expect(nameOf({ ...instants, ...days }, 'acme')).toBe('calls_acme_2026-05-01_2026-05-31_America-Santiago')
  expect(nameOf(instants, 'Años & Co_1/../2')).toMatch(/^calls_Años-Co-1-..-2_2026/)
  expect(nameOf(instants, 'x'.repeat(300)).length).toBeLessThan(120)
})

test('a published one as it is published', () => {
  const plan = aiCalls.plan(days)
  expect(fileNameOf(exportOf('signed-exports', days), 'ai-calls', plan, 'acme')).toBe(
    'ai-calls_2026-05-01_2026-05-31_America-Santiago',
  )
})
