import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { linesOf, type Line } from '../domain/lines.ts'
import { messageOf } from '../errors.ts'
import { CommandError } from './failure.ts'

/** A fault and its line. */
export interface LineFault {
  file: string
  line: number
  field?: string
  message: string
}

/** Lines of one file for one request. */
export interface LineBatch {
  file: string
  /** The records as in the file. */
  lines: string[]
  /** The line number of each record in its file, from 1. */
  numbers: number[]
  /** Lines that cannot be sent. */
  faults: LineFault[]
  lastLine: number
}

interface Limits {
  records: number
  bytes: number
}

/** Reads files into batches within the request limits; skips blank lines. `-` is standard input. */
export async function* readBatches(
  files: readonly string[],
  limits: Limits,
  standardInput: Readable | undefined,
): AsyncGenerator<LineBatch> {
  for (const file of files) {
    const none = (): LineBatch => ({ file, lines: [], numbers: [], faults: [], lastLine: 0 })
    let batch = none()
    let bytes = 0
    for await (const line of readLines(file, (file === '-' && standardInput) || createReadStream(file), limits)) {
      const message = faultOf(line, limits)
      const size = message === undefined ? line.bytes.length + 1 : 0
      const isFull = batch.lines.length + batch.faults.length >= limits.records
      if (isFull || (batch.lines.length > 0 && bytes + size > limits.bytes)) {
        yield batch
        batch = none()
        bytes = 0
      }
      batch.lastLine = line.number
      if (message !== undefined) {
        batch.faults.push({ file, line: line.number, message })
        continue
      }
      batch.lines.push(line.bytes.toString())
      batch.numbers.push(line.number)
      bytes += size
    }
    if (batch.lastLine > 0) yield batch
  }
}

/** The lines that are not blank. Throws if the first line shows that the file is not NDJSON. */
async function* readLines(file: string, source: Readable, limits: Limits): AsyncGenerator<Line> {
  let isFirst = true
  try {
    for await (const line of linesOf(plain(source, file), limits.bytes)) {
      // A byte order mark is not part of the first record.
      if (line.number === 1 && line.bytes.indexOf('\uFEFF') === 0) line.bytes = line.bytes.subarray(3)
      if (line.isWhole && isBlank(line.bytes)) continue
      if (isFirst) refuseOtherFormats(file, line.bytes)
      isFirst = false
      yield line
    }
  } catch (error) {
    if (error instanceof CommandError) throw error
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

/** White space as JSON defines it. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}

/** The fault of a line with its fix; undefined if the line may be sent. */
function faultOf({ bytes, isWhole }: Line, limits: Limits): string | undefined {
  if (!isWhole)
    return `The line has more than ${limits.bytes} bytes, the most that a request may have (EARSHOT_INGEST_MAX_BYTES).`
  if (!isUtf8(bytes))
    return 'The line is not well-formed UTF-8; convert the file first, such as with: iconv -f WINDOWS-1252 -t UTF-8'
  try {
    JSON.parse(bytes.toString())
  } catch {
    return 'The line is not well-formed JSON; each line must be one JSON object.'
  }
}

/** Names the format of a file whose first line is not a record, before any line is sent. */
function refuseOtherFormats(file: string, line: Buffer): void {
  const found = otherFormat(line)
  if (found) throw new CommandError(`${file} is not NDJSON, which has one JSON object a line: ${found}`)
}

function otherFormat(line: Buffer): string | undefined {
  const begins = (...bytes: number[]) => line.subarray(0, bytes.length).equals(Buffer.from(bytes))
  if (begins(0x1f, 0x8b)) return 'it is packed with gzip; give it a name that ends in .gz, or unpack it with gunzip -c'
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) return 'it is UTF-16; convert it with iconv -f UTF-16 -t UTF-8'
  const start = line.subarray(0, 100).toString().trim()
  if (start.startsWith('[')) return "it is a JSON array; jq -c '.[]' makes lines of it."
  if (start === '{') return 'it is one JSON value over several lines; jq -c . makes a line of each.'
  if (start.startsWith('{')) return undefined
  return 'its first line does not begin with {. CSV becomes NDJSON with Miller: mlr --icsv --ojsonl cat FILE'
}
