import { formatInstant, instantRange, isInstant, parseInstant } from '../../domain/instant.ts'
import { countDays, parseLocalDate, parseTimeZone, periodOfDays } from '../../domain/period.ts'
import { AppError } from '../../errors.ts'
import { datasets, windowDatasets } from '../../features/exports/datasets/all.ts'
import type { Dataset } from '../../features/exports/datasets/dataset.ts'
import type { Export, ExportRequest } from '../../features/exports/export.ts'
import { exportLifetimeMs } from '../../features/exports/surfaces.ts'
import { bodyOf } from './bodyOf.ts'
import type { StartBody } from './schema.ts'

/** Longest period in days. */
const maxDays = 1830
const dayMs = 86_400_000
/** The filters of calls; the other datasets take `contact`. */
const callFilters = ['campaignId', 'status', 'outcome'] as const

function refuse(field: string, message: string): never {
  throw new AppError('VALIDATION_ERROR', `${field} ${message}.`, { details: [{ field, message: `${message}.` }] })
}

/** The export for the engine. Throws VALIDATION_ERROR for conflicting fields. The caller resolves `contact`. */
export function requestOf(body: StartBody): ExportRequest {
  const wanted = datasetsOf(body)
  const { format, compression } = body
  for (const { name, formats } of wanted) {
    if (!formats[format]) refuse('format', `must be one of ${Object.keys(formats).join(', ')} for the dataset ${name}`)
  }
  return {
    datasets: wanted.map(({ name }) => name),
    format,
    parameters: { ...periodOf(body, wanted), ...filtersOf(body, wanted) },
    compression: compression === 'gzip' ? 'gzip' : undefined,
    columns: columnsOf(body, wanted),
  }
}

function datasetsOf({ dataset, datasets: several }: StartBody): Dataset[] {
  if ((dataset === undefined) === (several === undefined)) refuse('dataset', 'or datasets is needed, one of the two')
  const names = new Set<string>(several ?? [dataset ?? ''])
  return datasets.filter(({ name }) => names.has(name))
}

/** Instants, and also the local days for datasets that show local times. */
function periodOf(body: StartBody, wanted: Dataset[]): Record<string, string> {
  const { from, to, dateFrom, dateTo, timezone } = body
  if (from !== undefined && to !== undefined && dateFrom === undefined && dateTo === undefined) {
    if (timezone !== undefined) refuse('timezone', 'belongs to dateFrom and dateTo')
    if (wanted.some(({ name }) => name === 'ai-calls'))
      refuse('from', 'is not for ai-calls, which take dateFrom and dateTo')
    const [fromMs, toMs] = [instantOf('from', from), instantOf('to', to)]
    if (fromMs >= toMs) refuse('to', 'must be after from')
    if (toMs - fromMs > maxDays * dayMs) refuse('to', `must be at most ${maxDays} days after from`)
    return { from: formatInstant(fromMs), to: formatInstant(toMs) }
  }
  const hasBoth = (from ?? to) !== undefined && (dateFrom ?? dateTo) !== undefined
  if (hasBoth) refuse('dateFrom', 'and dateTo are needed, or from and to, but not parts of both')
  if (dateFrom === undefined || dateTo === undefined) refuse('dateFrom', 'and dateTo are needed, or from and to')
  const zone = parseTimeZone(timezone ?? 'UTC')
  const days = countDays(parseLocalDate(dateFrom, 'dateFrom'), parseLocalDate(dateTo, 'dateTo'))
  if (days < 1) refuse('dateTo', 'must not be before dateFrom')
  if (days > maxDays)
    refuse('dateTo', `must be at most ${maxDays} days from dateFrom, both included; these are ${days}`)
  const { fromMs, toMs } = periodOfDays(dateFrom, dateTo, zone)
  return { dateFrom, dateTo, timezone: zone, from: formatInstant(fromMs), to: formatInstant(toMs) }
}

function instantOf(field: 'from' | 'to', text: string): number {
  const instant = parseInstant(text)
  return instant !== undefined && isInstant(instant) ? instant : refuse(field, instantRange)
}

function filtersOf(body: StartBody, wanted: Dataset[]): Record<string, string | string[]> {
  const ofWindows = wanted.filter((dataset) => windowDatasets.includes(dataset))
  if (body.contact !== undefined && ofWindows.length < wanted.length) {
    refuse('contact', 'is a filter of engagement, customer, turn, review and agent')
  }
  const given = callFilters.flatMap((name) => (body[name] === undefined ? [] : [[name, body[name]] as const]))
  const [first] = given
  if (first && ofWindows.length > 0) refuse(first[0], 'is a filter of ai-calls and calls')
  return Object.fromEntries(given)
}

function columnsOf({ columns }: StartBody, wanted: Dataset[]): ExportRequest['columns'] {
  if (columns === undefined) return undefined
  const lists: Record<string, string[]> = {}
  if (Array.isArray(columns)) {
    if (wanted.length > 1) refuse('columns', 'must be lists by dataset when there are several')
    for (const { name } of wanted) lists[name] = columns
  } else {
    Object.assign(lists, columns)
  }
  for (const [name, list] of Object.entries(lists)) checkColumns(name, list, wanted)
  return lists
}

function checkColumns(name: string, list: string[], wanted: Dataset[]): void {
  const dataset = wanted.find((candidate) => candidate.name === name)
  if (!dataset) refuse('columns', `names the dataset ${JSON.stringify(name)}, which is not exported`)
  const { columns, openColumns } = dataset
  const unknown = list.find(
    (header) =>
      !columns.some((column) => column.name === header) && !(openColumns && header.startsWith(openColumns.prefix)),
  )
  if (unknown !== undefined) {
    refuse('columns', `names ${JSON.stringify(unknown)}, which ${name} does not have; GET /v1/schema lists its columns`)
  }
  if (new Set(list).size < list.length) refuse('columns', `names a column of ${name} twice`)
}

function shown(time: Date | undefined): string | null {
  return time ? formatInstant(time.getTime()) : null
}

/** An export as this API shows it; `linkOf` signs the address of its n-th file. */
export function jobOf(found: Export, queuePosition: number | undefined, linkOf: (index: number) => string | undefined) {
  const { id, surface, request, status, progress, files, totalRows, truncated, error } = found
  return {
    exportId: id,
    surface,
    datasets: request.datasets,
    format: request.format,
    compression: request.compression ?? 'none',
    status,
    progress,
    queuePosition: queuePosition ?? null,
    rowCount: status === 'completed' ? files.reduce((sum, { rowCount }) => sum + rowCount, 0) : null,
    totalRows: totalRows ?? null,
    truncated: truncated ?? null,
    files: files.map(({ dataset, name, contentType, bytes, sha256, rowCount }, index) => {
      return { dataset, name, contentType, bytes, sha256, rowCount, downloadUrl: linkOf(index) }
    }),
    error: error ?? null,
    request: bodyOf(request),
    createdAt: formatInstant(found.createdAt.getTime()),
    startedAt: shown(found.startedAt),
    completedAt: shown(found.completedAt),
    expiresAt: formatInstant(found.createdAt.getTime() + exportLifetimeMs),
  }
}
