import { S3Refusal } from './s3Refusal.ts'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import type { Logger } from 'pino'
import { Agent, request } from 'undici'
import { AppError } from '../../errors.ts'
import type { S3Location } from './s3Location.ts'
import { remedyOf } from './s3Remedy.ts'
import { textOf } from './s3Xml.ts'

interface S3Request {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** The object's name below the prefix; the bucket itself when there is none. */
  name?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  /** The body stays in memory until the store has accepted it, because a retry sends it again. */
  body?: readonly Uint8Array[]
  signal?: AbortSignal
  /** How long a request is retried after temporary failures. */
  retryForMs: number
}

interface S3Answer {
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** An answer whose content is read as it arrives; it must be read or destroyed. */
export type S3Stream = Omit<S3Answer, 'text'> & { body: Readable }

/**
 * One bucket of an S3-compatible store. Throws S3Refusal, UNAVAILABLE (no answer for as long as was waited), DISK_FULL.
 */
export interface S3 {
  location: S3Location
  /** Sends a request and reads the whole answer. */
  send(asked: S3Request): Promise<S3Answer>
  /** Sends a request whose answer is read later. */
  open(asked: S3Request): Promise<S3Stream>
  /** Creates the error for an outage; logs each reason at most once a minute. */
  unavailable(cause: unknown): AppError
}

/** A temporary failure. */
class PassingFailure extends Error {
  override name = 'PassingFailure'
}

const connectMs = 5_000
/** How long a connection may be idle before it is closed. */
const silenceMs = 30_000
const firstPauseMs = 100
const maxPauseMs = 5_000
const maxErrorBytes = 64 * 1024
const retryAfterSeconds = 10
const toldEveryMs = 60_000
const passingStatus = new Set([408, 429, 500, 502, 503, 504])
const passingCodes = new Set(['RequestTimeout', 'SlowDown', 'OperationAborted', 'InternalError', 'ServiceUnavailable'])
const fullCodes = new Set(['QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded'])

/** Opens a bucket, addressed in path style; nothing is sent yet. */
export function openS3(
  location: S3Location,
  options: { accessKey: string; secretKey: string; log: Pick<Logger, 'warn'> },
): S3 {
  const { accessKey, secretKey, log } = options
  const agent = new Agent({
    connect: { timeout: connectMs },
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    allowH2: false,
  })
  // Keys for signing, made once a day.
  const cache = new Map<string, ArrayBuffer>()
  const told = new Set<string>()
  let tellAnewAt = 0

  async function attempt(asked: S3Request): Promise<S3Stream> {
    const { method, name, query = {}, body = [], signal } = asked
    const path = [location.bucket, ...(name === undefined ? [] : [location.prefix + name])].join('/')
    const signed = await new AwsV4Signer({
      method,
      url: `${location.endpoint}/${path}?${new URLSearchParams(query).toString()}`,
      headers: { ...asked.headers, 'X-Amz-Content-Sha256': hashOf(body) },
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: 's3',
      region: location.region,
      cache,
    }).sign()
    const bytes = body.reduce((sum, piece) => sum + piece.length, 0)
    const hasBody = method === 'PUT' || method === 'POST'
    const answer = await request(signed.url, {
      method,
      dispatcher: agent,
      headers: { ...Object.fromEntries(signed.headers), ...(hasBody ? { 'content-length': String(bytes) } : {}) },
      // Send the body in pieces, so that a slow connection does not count as idle while it makes progress.
      body: bytes === 0 ? null : Readable.from(body),
      signal,
    }).catch((error: unknown) => {
      throw signal?.aborted ? signal.reason : new PassingFailure('No answer.', { cause: error })
    })
    if (answer.statusCode < 300) return { headers: answer.headers, body: answer.body }
    throw refusalOf(answer.statusCode, textOf(await startOf(answer.body), 'Code'))
  }

  /** Retries until the request succeeds or is refused, or until retryTimes is used up. */
  async function withRetries<T>(asked: S3Request, work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + asked.retryForMs
    for (let failures = 0; ; failures++) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error
        // Wait between half and all of the pause, so that requests that failed together are not retried together.
        const waitMs = Math.min(firstPauseMs * 2 ** failures, maxPauseMs) * (0.5 + Math.random() / 2)
        if (performance.now() + waitMs > deadline) throw unavailable(error)
        await pause(waitMs, undefined, { signal: asked.signal }).catch(() => asked.signal?.throwIfAborted())
      }
    }
  }

  function unavailable(cause: unknown): AppError {
    const refusal = cause instanceof S3Refusal ? cause : undefined
    const what = refusal ? 'refuses what it is asked' : 'does not answer'
    const reason = originOf(cause)
    if (performance.now() >= tellAnewAt) {
      told.clear()
      tellAnewAt = performance.now() + toldEveryMs
    }
    if (!told.has(reason)) {
      told.add(reason)
      const remedy = refusal && remedyOf(refusal, location)
      log.warn({ endpoint: location.endpoint, reason, remedy }, `the store of files ${what}`)
    }
    const message = `The store of files ${what} at the moment; try again in a while.`
    return new AppError('UNAVAILABLE', message, { retryAfterSeconds, cause })
  }

  return {
    location,
    unavailable,
    open: (asked) => withRetries(asked, () => attempt(asked)),
    send: (asked) =>
      withRetries(asked, async () => {
        const { headers, body } = await attempt(asked)
        const text = await readText(body, asked.signal)
        // The store answers a long operation with 200 before it is done, so the body may still contain an error.
        if (/<Error[\s>]/.test(text)) throw refusalOf(500, textOf(text, 'Code'))
        return { headers, text }
      }),
  }
}

/**
 * The store for a running server. It accepted the check at the start, so a later refusal counts as an outage that the
 * operator must end (UNAVAILABLE). Only answers about a single object are still thrown as S3Refusal.
 */
export function whileServing(s3: S3): S3 {
  const heeding = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      throw error instanceof S3Refusal && !isOfObject(error) ? s3.unavailable(error) : error
    }
  }
  return { ...s3, send: (asked) => heeding(s3.send(asked)), open: (asked) => heeding(s3.open(asked)) }
}

/** Whether the object is missing, has another version, or is shorter. */
function isOfObject(refusal: S3Refusal): boolean {
  return isMissing(refusal) || refusal.status === 412 || refusal.status === 416
}

/**
 * Whether the store reports a missing object or upload. A 404 without the store's error code comes from another system.
 */
export function isMissing(error: unknown): boolean {
  return error instanceof S3Refusal && error.status === 404 && error.code !== '' && error.code !== 'NoSuchBucket'
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

function refusalOf(status: number, code: string): Error {
  const refusal = new S3Refusal(status, code)
  if (status === 507 || fullCodes.has(code)) {
    const message = 'The store of files is full. Nothing was stored; try again when its operator has made space.'
    return new AppError('DISK_FULL', message, { cause: refusal })
  }
  const isPassing = passingStatus.has(status) || passingCodes.has(code)
  return isPassing ? new PassingFailure(refusal.message, { cause: refusal }) : refusal
}

/** The start of an error answer, which contains the reason; the rest is not needed. */
async function startOf(body: Readable): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of body) {
      pieces.push(piece)
      bytes += piece.length
      if (bytes >= maxErrorBytes) break
    }
  } catch {
    // The part that arrived is enough.
  }
  return Buffer.concat(pieces).toString()
}

async function readText(body: Readable, signal: AbortSignal | undefined): Promise<string> {
  try {
    return Buffer.concat(await body.toArray()).toString()
  } catch (error) {
    throw signal?.aborted ? signal.reason : new PassingFailure('The answer broke off.', { cause: error })
  }
}

/** The root cause of a failure: a status and code of the store, or a network error code. */
export function originOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  if (failure.cause !== undefined) return originOf(failure.cause)
  if (failure instanceof S3Refusal) return `${failure.status} ${failure.code}`.trim()
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : failure.message
}
