import { hash } from 'node:crypto'

/**
 * The hash of an id in the key table: 48 bits, so that it is an exact number in JavaScript and in the engine. Two ids
 * may share a hash, so callers compare the id of the record that they find.
 */
export function keyHash(id: string): number {
  return hash('sha256', id, 'buffer').readUIntBE(0, 6)
}
