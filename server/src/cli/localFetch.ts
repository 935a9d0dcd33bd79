import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { Readable } from 'node:stream'
import type { Config } from '../config.ts'

type Fetch = typeof globalThis.fetch

/**
 * `fetch` for the server on this machine. Over https it trusts exactly the server's certificate and ignores its name and
 * signer, because the server is reached by its loopback address.
 */
export function localFetch(url: string, config: Config): Fetch {
  if (!url.startsWith('https:') || config.tlsCertificate === '') return globalThis.fetch
  const ca = readFileSync(config.tlsCertificate)
  return async (input, init = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Response>()
    const sent = request(
      input instanceof Request ? input.url : input,
      {
        method: init.method ?? 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        ca,
        checkServerIdentity: () => undefined,
        ...(init.signal ? { signal: init.signal } : {}),
      },
      (answer) => {
        const headers = Object.entries(answer.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? ''])
        const hasBody = answer.statusCode !== 204 && answer.statusCode !== 304
        if (!hasBody) answer.resume()
        const body = hasBody ? (Readable.toWeb(answer) as ReadableStream) : null
        resolve(new Response(body, { status: answer.statusCode ?? 500, headers: headers as [string, string][] }))
      },
    )
    sent.on('error', reject)
    sent.end(typeof init.body === 'string' || init.body instanceof Uint8Array ? init.body : undefined)
    return promise
  }
}
