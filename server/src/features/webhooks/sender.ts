import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { pipeline, type Transform } from 'node:stream'
import { callbackify } from 'node:util'
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import manifest from '../../../package.json' with { type: 'json' }
import type { AddressGuard } from './addressGuard.ts'
import type { ResolveHost } from './resolveHost.ts'

/** What a receiver answered. */
export interface ReceiverAnswer {
  status: number
  retryAfter: string | undefined
  /** The first characters of the body. */
  responseStart: string
}

/** Posts webhooks. */
export interface Sender {
  /** Posts a JSON body without following redirects. Throws SendFailure with the reason when no answer comes in time. */
  post(url: string, headers: Record<string, string>, body: Buffer, signal: AbortSignal): Promise<ReceiverAnswer>
  close(): Promise<void>
}

/** Why a receiver gave no answer. The message is shown to the endpoint's owner. */
export class SendFailure extends Error {
  override name = 'SendFailure'
}

interface SenderOptions {
  guard: AddressGuard
  resolveHost: ResolveHost
  /** Time limit until the head of the answer. */
  timeoutMs: number
  connectTimeoutMs: number
}

/** How much of a body is kept, and the maximum bytes and time for reading it. */
const keptBytes = 1000
const readBytes = 16 * 1024
const readMs = 2000

const ownHeaders = { 'content-type': 'application/json', 'user-agent': `Earshot/${manifest.version}` }

/** Opens a sender that checks every address again when it connects, whatever the host resolved to before. */
export function openSender(options: SenderOptions): Sender {
  // Connections per host are not limited here, because one host may serve many endpoints; claiming limits the
  // deliveries.
  const idle = { keepAlive: true, timeout: 10_000 }
  const agents = { http: new http.Agent(idle), https: new https.Agent(idle) }
  return {
    async post(url, headers, body, signal) {
      const deadline = openDeadline(options.timeoutMs, signal)
      try {
        const request = startRequest(new URL(url), { ...ownHeaders, ...headers }, agents, options, deadline.signal)
        request.end(body)
        const answer = await finalAnswer(request)
        return {
          status: answer.statusCode ?? 0,
          retryAfter: answer.headers['retry-after'],
          responseStart: await readStart(answer),
        }
      } catch (error) {
        signal.throwIfAborted()
        if (deadline.signal.aborted) throw new SendFailure(`No answer within ${options.timeoutMs / 1000} seconds.`)
        throw asSendFailure(error, options)
      } finally {
        deadline.end()
      }
    },
    async close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** Waits for the final answer to a request and ignores 1xx answers. */
function finalAnswer(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve)
    // The listener stays attached, because the body of the answer may fail too.
    request.on('error', reject)
    request.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(new SendFailure('The receiver changes to another protocol, which nobody asked for.'))
    })
  })
}

/** Starts a request that connects to an allowed address within the connect timeout, or fails with a SendFailure. */
function startRequest(
  url: URL,
  headers: Record<string, string>,
  agents: { http: http.Agent; https: https.Agent },
  { guard, resolveHost, connectTimeoutMs }: SenderOptions,
  signal: AbortSignal,
): http.ClientRequest {
  const { protocol } = url
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // Node does not look up a literal address, so it is checked here.
  const refusal = isIP(host) === 0 ? undefined : guard.refusal(host, protocol)
  if (refusal !== undefined) throw refused(refusal)
  const options = { method: 'POST', headers, signal, lookup: guardedLookup(guard, resolveHost, protocol) }
  const request =
    protocol === 'https:'
      ? https.request(url, { ...options, agent: agents.https })
      : http.request(url, { ...options, agent: agents.http })
  request.once('socket', (socket) => {
    // A reused connection was checked when it was opened.
    if (!socket.connecting) return
    const late = setTimeout(() => {
      socket.destroy(new SendFailure(`No connection within ${connectTimeoutMs / 1000} seconds.`))
    }, connectTimeoutMs)
    socket.once('connect', () => {
      const reached = guard.refusal(socket.remoteAddress ?? '', protocol)
      if (reached !== undefined) socket.destroy(refused(reached))
    })
    for (const end of [protocol === 'https:' ? 'secureConnect' : 'connect', 'close'])
      socket.once(end, () => clearTimeout(late))
  })
  return request
}

/**
 * Returns a signal that aborts after the timeout or with `outer`. `AbortSignal.any` would leak memory on a long-lived
 * `outer`.
 */
function openDeadline(timeoutMs: number, outer: AbortSignal): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeoutMs)
  outer.addEventListener('abort', abort)
  if (outer.aborted) abort()
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      outer.removeEventListener('abort', abort)
    },
  }
}

/** Returns a lookup function that yields only the allowed addresses of a host. */
function guardedLookup(guard: AddressGuard, resolveHost: ResolveHost, protocol: string): LookupFunction {
  const resolveAllowed = callbackify(async (host: string) => {
    const addresses = await resolveHost(host)
    const allowed = addresses.filter((address) => guard.refusal(address, protocol) === undefined)
    if (allowed.length === 0) throw refused(guard.refusal(addresses[0] ?? '', protocol))
    return allowed.map((address) => ({ address, family: isIP(address) }))
  })
  return (host, options, callback) =>
    resolveAllowed(host, (error, allowed) => {
      const [first] = error ? [] : allowed
      if (!first) callback(error, '')
      else if (options.all) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
}

function refused(reason = 'an address that is not allowed'): SendFailure {
  return new SendFailure(`Not sent: the host is, or resolves to, ${reason}.`)
}

const decoders: Record<string, () => Transform> = {
  gzip: () => createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }),
  deflate: () => createInflate({ finishFlush: constants.Z_SYNC_FLUSH }),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
}

/** Reads the first characters of a body and stops when the body is large or slow. */
async function readStart(answer: http.IncomingMessage): Promise<string> {
  // Some servers compress even if the request does not accept it.
  const encoding = (answer.headers['content-encoding'] ?? '').trim().toLowerCase().replace(/^x-/, '')
  const decoder = decoders[encoding]?.()
  const body = decoder ? pipeline(answer, decoder, () => {}) : answer
  const chunks: Buffer[] = []
  let bytes = 0
  const late = setTimeout(() => answer.destroy(), readMs)
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (bytes < keptBytes) chunks.push(chunk.subarray(0, keptBytes))
      bytes += chunk.length
      if (bytes > readBytes) break
    }
  } catch {
    // The status decides the attempt, so a broken body keeps what has arrived.
  } finally {
    clearTimeout(late)
  }
  // PostgreSQL cannot store a NUL in a text.
  return Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8').replaceAll('\0', '\uFFFD')
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was closed before an answer came.',
  EPIPE: 'The connection was closed before an answer came.',
  ENOTFOUND: 'The host name does not resolve.',
  ENODATA: 'The host name does not resolve.',
  EAI_AGAIN: 'The host name cannot be resolved now.',
  EHOSTUNREACH: 'The host cannot be reached.',
  ENETUNREACH: 'The host cannot be reached.',
}

/** Translates an error into a reason that shows no internal address. */
function asSendFailure(error: unknown, { connectTimeoutMs }: SenderOptions): SendFailure {
  if (error instanceof SendFailure) return error
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ETIMEDOUT') {
    return new SendFailure(`No connection within ${connectTimeoutMs / 1000} seconds.`, { cause: error })
  }
  if (/CERT|SIGNATURE|ISSUER|ERR_TLS/.test(code)) {
    return new SendFailure(`The receiver's TLS certificate is not accepted (${code}).`, { cause: error })
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return new SendFailure(`The receiver speaks no TLS that fits (${code}).`, { cause: error })
  }
  if (code.startsWith('HPE_') && code !== 'HPE_HEADER_OVERFLOW')
    return new SendFailure('What came back is not HTTP.', { cause: error })
  return new SendFailure(reasons[code] ?? `The request failed (${code || 'no reason was given'}).`, { cause: error })
}
