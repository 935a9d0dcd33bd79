import { STATUS_CODES } from 'node:http'
import { AppError, type ErrorCode } from '../../errors.ts'
import type { RouteRules } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'

/** Data of a route that the document needs beside its schemas. */
export interface DescribedRoute {
  surface: Surface
  rules: RouteRules
  method: string
  hasIds: boolean
  hasQuery: boolean
}

/** The content of an answer by media type. */
export type Content = Record<string, { schema?: Record<string, unknown>; example?: unknown; examples?: object }>

/** Answers of the document by status. */
export type DescribedAnswers = Record<string, { description: string; content?: Content }>

/** The name of a surface's envelope among the document's schemas. */
export function failureName({ name, failureShape }: Surface): string {
  return failureShape ? `${name}Failure` : 'failure'
}

/** The failures that a route may answer with, by status, each with the envelope and examples. */
export function failureAnswers(route: DescribedRoute): DescribedAnswers {
  const { surface, rules } = route
  const schema = { $ref: `#/components/schemas/${failureName(surface)}` }
  const samples = failureCodes(route).map((code) => {
    const { status, body } = surface.failure(sampleOf(code, rules), 'req_5f0c3b1e9a7d4c2f8b6e1d3a5c7f9e0b')
    return { code, status: String(status), value: body }
  })
  const answers = Map.groupBy(samples, ({ status }) => status)
  const other = {
    description: 'Any other failure',
    content: { 'application/json': { schema } },
  }
  return {
    ...Object.fromEntries(
      [...answers].map(([status, found]) => {
        const examples = Object.fromEntries(found.map(({ code, value }) => [code, { value }]))
        const description = STATUS_CODES[status] ?? 'Failure'
        return [status, { description, content: { 'application/json': { schema, examples } } }]
      }),
    ),
    default: other,
  }
}

function failureCodes({ rules, method, hasIds, hasQuery }: DescribedRoute): ErrorCode[] {
  const takesBody = rules.body !== 'none'
  const signsIn = rules.signIn === 'signed' || rules.signIn === 'key'
  return [
    ...(takesBody ? (['BAD_REQUEST', 'PAYLOAD_TOO_LARGE'] as const) : []),
    ...(takesBody || hasQuery ? (['VALIDATION_ERROR'] as const) : []),
    ...(signsIn ? (['INVALID_API_KEY', 'INSUFFICIENT_SCOPE'] as const) : []),
    ...(rules.signIn === 'signed' ? (['INVALID_SIGNATURE', 'TIMESTAMP_EXPIRED'] as const) : []),
    ...(rules.signIn === 'key' && method !== 'get' ? (['CSRF_TOKEN_INVALID'] as const) : []),
    ...(rules.signIn === 'link' ? (['LINK_INVALID', 'GONE'] as const) : []),
    ...(hasIds ? (['RESOURCE_NOT_FOUND'] as const) : []),
    ...(rules.rate === 'free' ? [] : (['RATE_LIMIT_EXCEEDED'] as const)),
    'INTERNAL_ERROR',
  ]
}

const sampleMessages: Partial<Record<ErrorCode, string>> = {
  BAD_REQUEST: 'The body is not valid JSON.',
  PAYLOAD_TOO_LARGE: 'The body is larger than this path takes.',
  VALIDATION_ERROR: 'The request is not valid: a field is not what it must be.',
  INVALID_API_KEY: 'The API key is missing or unknown.',
  INSUFFICIENT_SCOPE: 'The API key lacks the scope that this path needs.',
  INVALID_SIGNATURE: 'The signature is missing or does not match the request.',
  TIMESTAMP_EXPIRED: 'X-Timestamp is more than 300 seconds off.',
  CSRF_TOKEN_INVALID: 'A session needs its CSRF token to change something.',
  LINK_INVALID: 'This link is not valid; take it again exactly as the API gave it.',
  GONE: 'This link has ended; ask the API for the file again.',
  RESOURCE_NOT_FOUND: 'There is nothing with this id.',
  RATE_LIMIT_EXCEEDED: 'Too many requests; try again later.',
  INTERNAL_ERROR: 'Something went wrong here; try again later.',
}

function sampleOf(code: ErrorCode, { scope }: RouteRules): AppError {
  return new AppError(code, sampleMessages[code] ?? code, {
    ...(code === 'VALIDATION_ERROR' ? { details: [{ field: 'field', message: 'is required' }] } : {}),
    ...(code === 'RATE_LIMIT_EXCEEDED' ? { retryAfterSeconds: 30 } : {}),
    ...(code === 'INSUFFICIENT_SCOPE' ? { missingScope: scope } : {}),
  })
}
