/** A failed request: the server's error, or status 0 if the server could not be reached. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly retryAfterSeconds: number | undefined
  /** The first refused field. */
  readonly field: string | undefined

  constructor(
    status: number,
    code: string,
    message: string,
    { retryAfterSeconds, field }: { retryAfterSeconds?: number; field?: string } = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
    this.field = field
  }
}

let csrfToken = ''
let onSignedOut = () => {}

/** Sets the CSRF token, which every change must carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token
}

/** Sets the function that is called when the session has ended. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  signal?: AbortSignal
}

/** Asks the server for JSON at a path. Throws ApiError. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { method = 'GET', body, signal } = options
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'GET' && csrfToken !== '') headers['X-CSRF-Token'] = csrfToken
  let response: Response
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(0, 'UNREACHABLE', 'The server cannot be reached.')
  }
  if (!response.ok) throw await failureOf(response)
  return parsed<T>(response)
}

/** The type is guaranteed by the server's API document. */
async function parsed<T>(response: Response): Promise<T> {
  return (response.status === 204 ? undefined : await response.json()) as T
}

async function failureOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined)
  const { code, message, field } = describe(body)
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  if (response.status === 401 && csrfToken !== '') onSignedOut()
  const retryAfterSeconds = Number.isNaN(retryAfter) ? undefined : retryAfter
  return new ApiError(response.status, code, message, { retryAfterSeconds, field })
}

/** Reads both envelopes: `{error: {code, message}}` and `{error, message}`. */
function describe(body: unknown): { code: string; message: string; field: string | undefined } {
  const outer = fieldsOf(body)
  const inner = typeof outer['error'] === 'object' ? fieldsOf(outer['error']) : { ...outer, code: outer['error'] }
  const [first] = Array.isArray(inner['details']) ? inner['details'] : []
  const field = textOf(fieldsOf(first)['field'])
  return { code: textOf(inner['code']), message: textOf(inner['message']), field: field === '' ? undefined : field }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' ? { ...value } : {}
}
