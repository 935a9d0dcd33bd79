import { isUtf8 } from 'node:buffer'
import type { FieldFault } from '../../domain/checkRecord.ts'
import { AppError, messageOf } from '../../errors.ts'
import { scanOn, startScan, type Scan } from '../../domain/jsonScan.ts'
import { sizeFault } from './recordText.ts'

/** A record of a body: its parsed value, its text and its scan result, or the fault that prevented parsing. */
export type ReadRecord = { value: unknown; text: string; scan: Scan } | { fault: FieldFault }

export interface ReadOptions {
  /** The body is NDJSON; otherwise it is one JSON value. */
  isLines: boolean
  /** A malformed line counts as a fault of its record instead of a fault of the whole body. */
  skipsFaults: boolean
  maxRecords: number
}

/** Bytes scanned before the generator yields to other work. */
const stepBytes = 1024 * 1024

/**
 * Yields the records of an NDJSON, JSON array or JSON object body one by one. A record is parsed only after its size is
 * known to be allowed; undefined marks a point where the caller may run other work. Throws BAD_REQUEST for malformed
 * input, PAYLOAD_TOO_LARGE over the limit.
 */
export function* readRecords(bytes: Buffer, options: ReadOptions): Generator<ReadRecord | undefined> {
  const { isLines, skipsFaults, maxRecords } = options
  // Skip a byte order mark.
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let count = 0
  for (const read of isLines ? readLines(bytes, start, skipsFaults) : readJson(bytes, start)) {
    if (read && count++ === maxRecords) {
      throw new AppError('PAYLOAD_TOO_LARGE', `A request may have at most ${maxRecords} records; send them in parts.`)
    }
    yield read
  }
}

function* readLines(bytes: Buffer, start: number, skipsFaults: boolean): Generator<ReadRecord> {
  let lineStart = start
  for (let line = 1; lineStart < bytes.length; line++) {
    const newline = bytes.indexOf(0x0a, lineStart)
    const lineEnd = newline < 0 ? bytes.length : newline
    const [from, to] = trimmed(bytes, lineStart, lineEnd)
    lineStart = lineEnd + 1
    if (from === to) continue
    try {
      const scan = startScan(from)
      if (sizeFault(to - from, 0) === undefined) scanOn(scan, bytes, to)
      yield readOne(bytes, from, to, scan, `line ${line}: `)
    } catch (error) {
      if (!(skipsFaults && error instanceof AppError)) throw error
      yield { fault: { field: '', message: error.message, noted: { field: '', rule: error.rule ?? error.message } } }
    }
  }
}

/** Scans each value to its end before it is parsed; an array is split into its entries. */
function* readJson(bytes: Buffer, start: number): Generator<ReadRecord | undefined> {
  const [from, to] = trimmed(bytes, start, bytes.length)
  if (from === to) return
  if (bytes[from] !== 0x5b) {
    const scan = startScan(from)
    yield* scanToEnd(scan, bytes, to)
    if (scan.at < to || scan.roots > 1) {
      // Clients often send NDJSON with the wrong content type.
      const hint = looksLikeLines(bytes) ? '; one record a line is sent as Content-Type: application/x-ndjson' : ''
      throw malformed(`a second value follows the first${hint}`)
    }
    return yield readOne(bytes, from, to, scan, '')
  }
  let at = from + 1
  for (let index = 0; ; index++) {
    const scan = startScan(at)
    yield* scanToEnd(scan, bytes, to)
    const [first, end] = trimmed(bytes, at, Math.min(scan.at, to))
    const isLast = bytes[scan.at] === 0x5d
    if (!scan.isEnded || (isLast && scan.at !== to - 1)) throw malformed('the list does not end where the body does')
    if (first === end && isLast && index === 0) return
    if (scan.roots > 1) throw malformed(`record ${index}: a comma is missing after it`)
    yield readOne(bytes, first, end, scan, `record ${index}: `)
    if (isLast) return
    at = scan.at + 1
  }
}

function* scanToEnd(scan: Scan, bytes: Buffer, to: number): Generator<undefined> {
  while (scan.at < to && !scan.isEnded) {
    const until = Math.min(to, scan.at + stepBytes)
    scanOn(scan, bytes, until)
    if (until < to) yield undefined
  }
}

function readOne(bytes: Buffer, from: number, to: number, scan: Scan, where: string): ReadRecord {
  const fault = sizeFault(to - from, scan.values)
  if (fault) return { fault }
  if (!isUtf8(bytes.subarray(from, to))) throw notUtf8()
  const text = bytes.toString('utf8', from, to)
  try {
    return { value: JSON.parse(text), text, scan }
  } catch (error) {
    throw malformed(`${where}${withoutContent(messageOf(error))}`)
  }
}

/** Returns the range without surrounding white space. */
function trimmed(bytes: Buffer, from: number, to: number): [number, number] {
  let first = from
  let end = to
  while (first < end && isSpace(bytes[first])) first++
  while (first < end && isSpace(bytes[end - 1])) end--
  return [first, end]
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** Returns whether the first line is a complete JSON value other than an array. */
export function looksLikeLines(bytes: Buffer): boolean {
  const [from] = trimmed(bytes, 0, bytes.length)
  const newline = bytes.indexOf(0x0a, from)
  const lineEnd = newline < 0 ? bytes.length : newline
  if (bytes[from] === 0x5b || sizeFault(lineEnd - from, 0)) return false
  try {
    JSON.parse(bytes.toString('utf8', from, lineEnd))
    return true
  } catch {
    return false
  }
}

function malformed(reason: string): AppError {
  return new AppError('BAD_REQUEST', `The body is not well-formed JSON: ${reason}.`, {
    rule: 'The body is not well-formed JSON, or one record a line where it is sent as NDJSON.',
  })
}

function notUtf8(): AppError {
  const rule = 'The body is not well-formed UTF-8.'
  return new AppError('BAD_REQUEST', rule, { rule })
}

/** Returns only the position from the parser's message, because the rest quotes the input, which may be personal. */
function withoutContent(message: string): string {
  return (
    /at position \d+( \(line \d+ column \d+\))?/.exec(message)?.[0] ?? 'it ends too early or holds a stray character'
  )
}
