import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../../errors.ts'

/** The credentials of a request. */
export type Presented = { apiKey: string } | { token: string }

// Tokens have fewer than 600 characters, so a much longer text is not decoded.
const maxTokenCharacters = 4096
const tokenForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/**
 * The key or token of a request: `X-Api-Key: <key>`, `Authorization: Bearer <key or JWT>`, or
 * `Authorization: <JWT>`, as some published clients send it. Throws INVALID_API_KEY when there is none.
 */
export function presentedBy(headers: IncomingHttpHeaders): Presented {
  const apiKey = headers['x-api-key']
  if (typeof apiKey === 'string' && apiKey !== '') return { apiKey }
  const authorization = headers.authorization?.trim() ?? ''
  const bearer = /^bearer +(\S+)$/i.exec(authorization)?.[1]
  if (bearer !== undefined) return isToken(bearer) ? { token: bearer } : { apiKey: bearer }
  if (isToken(authorization)) return { token: authorization }
  throw new AppError(
    'INVALID_API_KEY',
    'No API key was sent; send it as X-Api-Key, or as Authorization: Bearer with the key or a JWT.',
  )
}

function isToken(text: string): boolean {
  return text.length <= maxTokenCharacters && tokenForm.test(text)
}
