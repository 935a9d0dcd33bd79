import { hash } from 'node:crypto'

/**
 * The hash under which an id stands in the key table: 48 bits, so that it is an exact number here and there. Two ids may
 * share one; whoever finds a hash compares the id of the record behind it.
 */
export function keyHash(id: string): number {
  return hash('sha256', id, 'buffer').readUIntBE(0, 6)
}
