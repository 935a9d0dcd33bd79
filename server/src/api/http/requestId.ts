import { randomUUID } from 'node:crypto'

/** The name of a request in answers and logs. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`
}
