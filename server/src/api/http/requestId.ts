import { randomUUID } from 'node:crypto'

/** The id of a request in answers and logs. */
export function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`
}
