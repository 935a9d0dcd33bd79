import { formatInstant, instantRange, isInstant, parseInstant } from '../../domain/instant.ts'
import { AppError, errorStatus, type ErrorCode } from '../../errors.ts'
import { windowDatasets } from '../../features/exports/datasets/all.ts'
import type { Export } from '../../features/exports/export.ts'
import type { FailureAnswer } from '../http/surface.ts'
import type { StartQuery } from './schema.ts'

const maxRangeMs = 24 * 3_600_000
const names = windowDatasets.map(({ name }) => name)

/** The envelope of this API. An invalid parameter has the published code as its reason. */
export function failure({ code, message, details }: AppError): FailureAnswer {
  const published = code === 'VALIDATION_ERROR' ? (details?.[0]?.reason ?? code) : code
  const status = code === 'VALIDATION_ERROR' ? 400 : errorStatus[code satisfies ErrorCode]
  return { status, body: { error: { code: published, message } } }
}

function refusal(field: string, reason: string, message: string): AppError {
  return new AppError('VALIDATION_ERROR', message, { details: [{ field, reason, message }] })
}

/** The range of a start. Throws INVALID_DATE_RANGE. */
export function rangeOf({ from, to }: StartQuery): { from: string; to: string } {
  const fromMs = instantOf('from', from)
  const toMs = instantOf('to', to)
  if (fromMs >= toMs) throw refusal('from', 'INVALID_DATE_RANGE', 'from must be before to.')
  if (toMs - fromMs > maxRangeMs) {
    throw refusal('to', 'INVALID_DATE_RANGE', 'to must be at most 24 hours after from; export longer times day by day.')
  }
  return { from: formatInstant(fromMs), to: formatInstant(toMs) }
}

function instantOf(field: string, given: string | string[] | undefined): number {
  const instant = typeof given === 'string' ? parseInstant(completed(given)) : undefined
  if (instant !== undefined && isInstant(instant)) return instant
  if (instant !== undefined) throw refusal(field, 'INVALID_DATE_RANGE', `${field} ${instantRange}.`)
  const problem = given === undefined ? 'is required, and' : ''
  throw refusal(
    field,
    'INVALID_DATE_RANGE',
    `${[field, problem].join(' ').trim()} must be one ISO 8601 time such as 2024-01-01T00:00:00Z.`,
  )
}

/** Completes short forms of ISO 8601: a date is its midnight, seconds are optional, no offset means UTC. */
function completed(text: string): string {
  const [, date, time = '00:00', seconds = ':00', offset = 'Z'] =
    // An unescaped plus sign arrives as a space.
    /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d(?:[.,]\d{1,9})?)?([Zz]|[+\- ]\d\d(?::?\d\d)?)?)?$/.exec(text.trim()) ??
    []
  const [, sign = '', hours, minutes = '00'] = /^([+\- ])(\d\d):?(\d\d)?$/.exec(offset) ?? []
  const whole = hours === undefined ? offset : `${sign.replace(' ', '+')}${hours}:${minutes}`
  return `${date}T${time}${seconds.replace(',', '.')}${whole}`
}

/** The datasets of a start, in canonical order; all by default. Throws EMPTY_INCLUDE, INVALID_INCLUDE. */
export function datasetsOf({ include }: StartQuery): string[] {
  if (include === undefined) return names
  const given = [include].flat().join(',').split(',')
  const wanted = given.map((name) => name.trim().toLowerCase())
  const right = `it takes ${names.join(', ')}, separated by commas.`
  if (wanted.every((name) => name === '')) throw refusal('include', 'EMPTY_INCLUDE', `include is empty; ${right}`)
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw refusal('include', 'INVALID_INCLUDE', `include names the dataset ${JSON.stringify(unknown)}; ${right}`)
  }
  return names.filter((name) => wanted.includes(name))
}

/** The contact of a start; undefined when it has none. */
export function contactOf({ contact }: StartQuery): string | undefined {
  if (!Array.isArray(contact)) return contact
  throw refusal('contact', 'CONTACT_NOT_FOUND', 'contact must be given once: one e-mail address or phone number.')
}

/** The answer of a start; the address has no leading slash. */
export function startedOf({ id }: Export) {
  return { exportId: id, statusUrl: `api/v1/export/${id}/status` }
}

const publishedStatus = {
  queued: 'PROCESSING',
  processing: 'PROCESSING',
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'FAILED',
} as const satisfies Record<Export['status'], string>

/** An export as this API shows it; `linkOf` signs the address of its n-th file. */
export function statusOf(found: Export, linkOf: (index: number) => string | undefined) {
  const { id, status, files, error } = found
  return {
    exportId: id,
    status: publishedStatus[status],
    downloadUrls: Object.fromEntries(files.map(({ dataset }, index) => [dataset, linkOf(index)])),
    error: status === 'cancelled' ? 'The export was cancelled.' : (error ?? null),
  }
}
