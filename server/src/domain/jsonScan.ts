/** How far a JSON value has been looked through, and what was counted on the way. */
export interface Scan {
  /** The next byte to look at. */
  at: number
  depth: number
  isInString: boolean
  /** Lists and objects at the outermost level: a single value has one of them at the most. */
  roots: number
  /** Values in lists and objects, empty ones counted as holding one. */
  values: number
  /** Names in objects. */
  names: number
  /** Where the last token ended, to measure what is no string. */
  tokenEnd: number
  /** Whether there may be a number of so many digits that a double cannot hold it. */
  hasLongNumber: boolean
  /** Stopped at a comma or closing bracket of what stands around the value. */
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
// Of a number with 15 significant digits a double keeps every one.
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
 * Looks on through bytes of JSON until the value ends or `until` is reached, without making anything of them. Says nothing of
 * whether they are well-formed: only where the value would end if it is.
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
