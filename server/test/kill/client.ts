import type { TestAccount } from '../testApp.ts'

/** Sends requests with a key to a server that may die at any time; then it throws. */
export function requestWith(url: string, apiKey: string): TestAccount['request'] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'X-Api-Key': apiKey, ...headers },
      body: typeof body === 'string' ? body : undefined,
      signal: AbortSignal.timeout(60_000),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('/json') ?? false
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
  }
}
