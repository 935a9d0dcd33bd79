import type { Context } from '../../context.ts'
import type { AppError, ErrorCode, Refusal } from '../../errors.ts'

/** The destination of a request: a path with parameter names, and the collection if the path has one. */
export interface FaultOrigin {
  path: string
  collection: string
}

/**
 * Counts a refused request, or each kind of fault in its records. It checks no scope, because requests without the
 * scope are counted too.
 */
export function noteRefusal(context: Context, origin: FaultOrigin, error: AppError): void {
  if (error.refusals) return noteRefusals(context, origin, error.refusals)
  note(context, origin, { code: error.code, field: '', rule: error.rule ?? ruleOf(error.code) }, false, 1)
}

/** Counts the faults of records, both of a refused request and of a request that skips invalid records. */
export function noteRefusals(context: Context, origin: FaultOrigin, refusals: readonly Refusal[]): void {
  for (const { field, rule, records } of refusals) {
    note(context, origin, { code: 'VALIDATION_ERROR', field, rule }, true, records)
  }
}

function note(
  { ports, accountId, actor }: Context,
  origin: FaultOrigin,
  fault: { code: ErrorCode; field: string; rule: string },
  countsRecords: boolean,
  refused: number,
): void {
  if (actor.kind === 'system') return
  const source = actor.kind === 'key' ? `key:${actor.keyId}` : `user:${actor.userId}`
  ports.faults.note({ accountId, source, ...origin, ...fault, countsRecords, refused })
}

// Error messages may quote what was sent, so the counts store these fixed texts instead.
const rules: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'The request is malformed or broke off; its answer says where.',
  VALIDATION_ERROR: 'A parameter of the request is not valid; its answer names it.',
  INSUFFICIENT_SCOPE: 'The API key or role lacks the scope ingest:write; send with one that has it.',
  INVALID_SIGNATURE: 'The signature does not fit the request; check the HMAC secret and what is signed.',
  RESOURCE_NOT_FOUND: 'There is no record with this id; send it before what refers to it in the path.',
  CONFLICT: 'The request contradicts what is stored; its answer says how.',
  PAYLOAD_TOO_LARGE: 'The body has too many bytes or records; send it in parts.',
  UNSUPPORTED_MEDIA_TYPE: 'The content type or encoding is not taken; the API document lists those that are.',
  RATE_LIMIT_EXCEEDED: 'More requests than the key may send in a minute; wait as long as Retry-After says.',
  UNAVAILABLE: 'The stores did not take it; send it again.',
  DISK_FULL: 'The disk of the server is nearly full; make room, then send it again.',
}

function ruleOf(code: ErrorCode): string {
  return rules[code] ?? 'The server failed; send it again, and look into its log if that goes on.'
}
