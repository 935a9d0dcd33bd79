import type { Export } from './export.ts'
import type { Plan } from './datasets/dataset.ts'

const maxAccountLength = 60

/**
 * Returns the name of a file without its extension. Published APIs define theirs; others use dataset, account and
 * period, so that files of several accounts and periods can share a folder.
 */
export function fileNameOf({ surface, request }: Export, dataset: string, plan: Plan, accountName: string): string {
  if (surface !== 'export-jobs') return plan.fileName
  return [dataset, partOfName(accountName).slice(0, maxAccountLength), ...periodOf(request.parameters)].join('_')
}

/** Returns the local days with their zone, or the instants. */
function periodOf({ dateFrom, dateTo, timezone, from, to }: Record<string, unknown>): string[] {
  const isOfDays = dateFrom !== undefined
  const parts = isOfDays ? [dateFrom, dateTo, timezone ?? 'UTC'] : [from, to]
  return parts.map((part) => partOfName(isOfDays ? String(part) : basicInstant(String(part))))
}

/** Renders ISO 8601 without colons, such as `20260501T100000Z`, because file systems refuse colons. */
function basicInstant(instant: string): string {
  return instant.replaceAll(/[-:]|\.000(?=Z)/g, '')
}

/** Keeps letters, digits, dots and hyphens; replaces all else, including the separator of the parts, with a hyphen. */
function partOfName(text: string): string {
  return text.toWellFormed().replaceAll(/[^\p{L}\p{M}\p{N}.-]+/gu, '-')
}
