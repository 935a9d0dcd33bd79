import type { Export } from './export.ts'
import type { Plan } from './datasets/dataset.ts'

const maxAccountLength = 60

/**
 * The name of a file without its extension. Published APIs name theirs; of the others it is the dataset, the account and
 * the period, so that files of several accounts and periods lie side by side.
 */
export function fileNameOf({ surface, request }: Export, dataset: string, plan: Plan, accountName: string): string {
  if (surface !== 'export-jobs') return plan.fileName
  return [dataset, partOfName(accountName).slice(0, maxAccountLength), ...periodOf(request.parameters)].join('_')
}

/** Local days with their zone, else instants. */
function periodOf({ dateFrom, dateTo, timezone, from, to }: Record<string, unknown>): string[] {
  const isOfDays = dateFrom !== undefined
  const parts = isOfDays ? [dateFrom, dateTo, timezone ?? 'UTC'] : [from, to]
  return parts.map((part) => partOfName(isOfDays ? String(part) : basicInstant(String(part))))
}

/** `20260501T100000Z`: the form of ISO 8601 that has no colons, which file systems refuse. */
function basicInstant(instant: string): string {
  return instant.replaceAll(/[-:]|\.000(?=Z)/g, '')
}

/** Letters, digits, stops and hyphens; anything else, the separator of the parts too, becomes a hyphen. */
function partOfName(text: string): string {
  return text.toWellFormed().replaceAll(/[^\p{L}\p{M}\p{N}.-]+/gu, '-')
}
