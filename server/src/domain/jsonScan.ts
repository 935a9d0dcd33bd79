/** The progress of a scan over a JSON value, with its counts. */
export interface Scan {
  /** The next byte to look at. */
  at: number
  depth: number
  isInString: boolean
  /** Lists and objects at the outermost level; a single value has at most one. */
  roots: number
  /** Values in lists and objects, empty ones counted as holding one. */
  values: number
  /** Names in objects. */
  names: number
  /** The end of the last token, to measure tokens that are not strings. */
  tokenEnd: number
  /** Whether the value may contain a number with too many digits for a double. */
  hasLongNumber: boolean
  /** Whether the scan stopped at a comma or closing bracket of the surrounding value. */
  isEnded: boolean
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
// A double represents every number of 15 significant digits exactly.
const shortTokenBytes = 16

export function startScan(at: number): Scan {
  return {
    at,
    depth: 0,
    isInString: false,
    roots: 0,
    values: 0,
    names: 0,
    tokenEnd: at,
    hasLongNumber: false,
    isEnded: false,
  }
}

/**
 * Scans bytes of JSON until the value ends or `until` is reached, without parsing them. Does not check the syntax; it
 * finds the end of a well-formed value.
 */
export function scanOn(scan: Scan, bytes: Uint8Array, until: number): void {
  let { at, depth, isInString, roots, values, names, tokenEnd, hasLongNumber, isEnded } = scan
  while (at < until) {
    const byte = bytes[at]
    if (isInString) {
      while (at < until && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1
      if (at >= until) break
      isInString = false
      tokenEnd = at + 1
    } else if (byte === quote) {
      isInString = true
    } else if (byte === comma || byte === colon) {
      if (at - tokenEnd > shortTokenBytes) hasLongNumber = true
      tokenEnd = at + 1
      if (byte === colon) names++
      else if (depth > 0) values++
      else {
        isEnded = true
        break
      }
    } else if (byte === openBrace || byte === openBracket) {
      if (depth++ === 0) roots++
      values++
      tokenEnd = at + 1
    } else if (byte === closeBrace || byte === closeBracket) {
      if (at - tokenEnd > shortTokenBytes) hasLongNumber = true
      tokenEnd = at + 1
      if (depth-- === 0) {
        isEnded = true
        break
      }
    }
    at++
  }
  scan.at = at
  scan.depth = depth
  scan.isInString = isInString
  scan.roots = roots
  scan.values = values
  scan.names = names
  scan.tokenEnd = tokenEnd
  scan.hasLongNumber = hasLongNumber
  scan.isEnded = isEnded
}
