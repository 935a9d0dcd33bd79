import type { Readable } from 'node:stream'
import type { App } from '../../app.ts'
import { AppError } from '../../errors.ts'
import type { LinkedFile } from './linkedFile.ts'

/** The bytes of a file, or of a range of it (both ends included); must be read or destroyed. Throws GONE. */
export async function readFile(
  app: App,
  file: LinkedFile,
  range: { start: number; end: number } | undefined,
): Promise<Readable> {
  const found = await app.files.read(file.key, range)
  if (!found) throw new AppError('GONE', 'This file is no longer kept.')
  return found.content
}
