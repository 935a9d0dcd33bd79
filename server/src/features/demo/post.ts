import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AppError, messageOf } from '../../errors.ts'
import type { DemoBatch } from './generate.ts'

const compress = promisify(gzip)
const maxAttempts = 12
const maxPauseMs = 30_000
const retried = new Set([429, 502, 503, 504, 507])

export interface PostOptions {
  baseUrl: string
  apiKey: string
  fetch: typeof globalThis.fetch
  signal: AbortSignal
}

/**
 * Sends one batch as gzipped NDJSON and returns when it is kept. A busy, full or unreachable server is asked again,
 * after the time that it names; a batch that is too large is halved. Throws AppError for any other answer.
 */
export async function postBatch(batch: Pick<DemoBatch, 'collection' | 'records'>, options: PostOptions): Promise<void> {
  const { collection, records } = batch
  if (records.length === 0) return
  const body = await compress(records.map((record) => JSON.stringify(record)).join('\n'), { level: 1 })
  for (let attempt = 1; ; attempt++) {
    const answer = await attemptPost(collection, body, options)
    if (answer.status === 200) return
    if (answer.status === 413 && records.length > 1) {
      const middle = records.length >> 1
      await postBatch({ collection, records: records.slice(0, middle) }, options)
      await postBatch({ collection, records: records.slice(middle) }, options)
      return
    }
    const isRetried = answer.status === 0 || retried.has(answer.status)
    if (!isRetried || attempt >= maxAttempts) throw refusal(collection, answer)
    await pause(answer.retryAfterMs ?? Math.min(maxPauseMs, 250 * 2 ** attempt), undefined, {
      signal: options.signal,
    })
  }
}

/** What the server said; status 0 when it could not be reached. */
interface Answer {
  status: number
  text: string
  retryAfterMs: number | undefined
}

async function attemptPost(collection: string, body: Uint8Array<ArrayBuffer>, options: PostOptions): Promise<Answer> {
  const { baseUrl, apiKey, signal } = options
  try {
    const response = await options.fetch(`${baseUrl.replace(/\/+$/, '')}/v1/ingest/${collection}?announce=false`, {
      method: 'POST',
      headers: { 'X-Api-Key': apiKey, 'Content-Type': 'application/x-ndjson', 'Content-Encoding': 'gzip' },
      body,
      signal,
    })
    const text = await response.text()
    return { status: response.status, text, retryAfterMs: readRetryAfter(response.headers.get('retry-after')) }
  } catch (error) {
    if (signal.aborted) throw error
    return { status: 0, text: causeOf(error), retryAfterMs: undefined }
  }
}

/** `Retry-After` in seconds or as a date, in milliseconds from now. */
function readRetryAfter(text: string | null): number | undefined {
  if (text === null) return undefined
  const seconds = Number(text)
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), 2 * maxPauseMs) : undefined
}

/** `fetch` hides why it failed in the cause. */
function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error)
}

function refusal(collection: string, answer: Answer): AppError {
  const path = `POST /v1/ingest/${collection}`
  if (answer.status === 0) return new AppError('UNAVAILABLE', `${path}: the server cannot be reached (${answer.text}).`)
  const code =
    answer.status === 401 ? 'INVALID_API_KEY' : answer.status === 403 ? 'INSUFFICIENT_SCOPE' : codeOf(answer.status)
  return new AppError(code, `${path} was answered with ${answer.status}: ${faultOf(answer.text)}`)
}

function codeOf(status: number): 'UNAVAILABLE' | 'DISK_FULL' | 'BAD_REQUEST' {
  if (status === 507) return 'DISK_FULL'
  return status >= 500 || status === 429 ? 'UNAVAILABLE' : 'BAD_REQUEST'
}

/** The answer's message with its first fault, or the start of an answer in another form. */
function faultOf(text: string): string {
  const error = readError(text)
  if (!error) return text.slice(0, 200) || 'no text.'
  const [first] = error.details
  if (!first) return error.message
  const place = [first.index === undefined ? '' : `record ${first.index}`, first.field ?? ''].filter(Boolean).join(', ')
  return `${error.message} First fault: ${place === '' ? '' : `${place}: `}${first.message ?? ''}`
}

interface ErrorBody {
  message: string
  details: { index?: number; field?: string; message?: string }[]
}

function readError(text: string): ErrorBody | undefined {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown; details?: unknown } } | null
    const message = body?.error?.message
    if (typeof message !== 'string') return undefined
    const details = body?.error?.details
    return { message, details: Array.isArray(details) ? (details as ErrorBody['details']) : [] }
  } catch {
    return undefined
  }
}
