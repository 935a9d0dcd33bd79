import type { Readable } from 'node:stream'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import type { LinkedFile } from './linkedFile.ts'

/** Reads a file, or a range of it (both ends included); the stream must be consumed or destroyed. Throws GONE. */
export async function readFile(
  ports: Ports,
  file: LinkedFile,
  range: { start: number; end: number } | undefined,
): Promise<Readable> {
  const found = await ports.files.read(file.key, range)
  if (!found) throw new AppError('GONE', 'This file is no longer kept.')
  return found.content
}
