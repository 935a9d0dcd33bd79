import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { messageOf } from '../errors.ts'
import { CommandError } from './failure.ts'

/** Lines of one file that go in one request. */
export interface LineBatch {
  file: string
  /** The records, as they stand in the file. */
  lines: string[]
  /** The number of each line in its file, from 1. */
  numbers: number[]
  lastLine: number
}

/** Reads files line by line into batches that a request may hold; blank lines are passed over. `-` is standard input. */
export async function* readBatches(
  files: readonly string[],
  limits: { records: number; bytes: number },
  standardInput: Readable | undefined,
): AsyncGenerator<LineBatch> {
  for (const file of files) {
    let batch: LineBatch = { file, lines: [], numbers: [], lastLine: 0 }
    let bytes = 0
    let number = 0
    for await (const line of linesOf(file, (file === '-' && standardInput) || createReadStream(file))) {
      number++
      if (line.trim() === '') continue
      const size = Buffer.byteLength(line) + 1
      if (batch.lines.length >= limits.records || (batch.lines.length > 0 && bytes + size > limits.bytes)) {
        yield batch
        batch = { file, lines: [], numbers: [], lastLine: 0 }
        bytes = 0
      }
      batch.lines.push(line)
      batch.numbers.push(number)
      batch.lastLine = number
      bytes += size
    }
    if (batch.lines.length > 0) yield batch
  }
}

async function* linesOf(file: string, source: Readable): AsyncGenerator<string> {
  try {
    // A byte order mark belongs to the file, not to its first record.
    let isFirst = true
    for await (const line of createInterface({ input: plain(source, file), crlfDelay: Number.POSITIVE_INFINITY })) {
      yield isFirst ? line.replace(/^\uFEFF/, '') : line
      isFirst = false
    }
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${messageOf(error)}.`)
  } finally {
    source.destroy()
  }
}

function plain(source: Readable, file: string): Readable {
  if (!file.endsWith('.gz')) return source
  const unpacked = createGunzip()
  source.on('error', (error) => unpacked.destroy(error))
  return source.pipe(unpacked)
}
