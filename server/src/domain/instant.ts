// The column type's range.
const earliest = Date.UTC(1900, 0, 1)
const latest = Date.UTC(2299, 11, 31)

/** The message about a time that cannot be stored. */
export const instantRange = 'must lie between 1900-01-01T00:00:00Z and 2299-12-30T23:59:59.999Z'

/**
 * Reads an RFC 3339 time with an offset, of any year from 0000 to 9999; finer digits than milliseconds are cut off.
 * Gives milliseconds since 1970, or undefined for anything else, also for days that do not exist.
 */
export function parseInstant(text: string): number | undefined {
  if (text.startsWith(':60', 16)) return parseLeapSecond(text)
  // Read single characters instead of using a regular expression, because every ingested record has times.
  const year = digitsAt(text, 0, 4)
  const month = digitsAt(text, 5, 2)
  const day = digitsAt(text, 8, 2)
  const hour = digitsAt(text, 11, 2)
  const minute = digitsAt(text, 14, 2)
  const second = digitsAt(text, 17, 2)
  const exists =
    text[4] === '-' &&
    text[7] === '-' &&
    (text[10] === 'T' || text[10] === 't' || text[10] === ' ') &&
    text[13] === ':' &&
    text[16] === ':' &&
    year >= 0 &&
    day >= 1 &&
    day <= daysOf(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  if (!exists) return undefined
  // Date.UTC interprets the years 0 to 99 as 1900 to 1999.
  const local = Date.UTC(year + 400, month - 1, day, hour, minute, second) - fourCenturiesMs
  if (text[19] !== '.') return withOffset(text, 19, local)
  const end = endOfDigits(text, 20)
  if (end === 20 || end > 29) return undefined
  const fraction = digitsAt(text, 20, Math.min(3, end - 20)) * (end === 21 ? 100 : end === 22 ? 10 : 1)
  return withOffset(text, end, local + fraction)
}

const fourCenturiesMs = 146_097 * 24 * 60 * 60 * 1000

/** A number of `count` decimal digits; NaN when a character is not a digit. */
function digitsAt(text: string, at: number, count: number): number {
  let number = 0
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - 48
    if (!(digit >= 0 && digit <= 9)) return NaN
    number = number * 10 + digit
  }
  return number
}

function endOfDigits(text: string, from: number): number {
  let at = from
  while (digitsAt(text, at, 1) >= 0) at++
  return at
}

/** The days of a month; NaN for an invalid month. */
function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  if (!(month >= 1 && month <= 12)) return NaN
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The instant of a local time whose offset is at the end of the text. */
function withOffset(text: string, at: number, local: number): number | undefined {
  const sign = text[at]
  if (sign === 'Z' || sign === 'z') return text.length === at + 1 ? local : undefined
  const hours = digitsAt(text, at + 1, 2)
  const minutes = digitsAt(text, at + 4, 2)
  const isOffset = (sign === '+' || sign === '-') && text[at + 3] === ':' && text.length === at + 6
  if (!isOffset || !(hours <= 23 && minutes <= 59)) return undefined
  const offsetMs = (hours * 60 + minutes) * 60_000
  return sign === '-' ? local + offsetMs : local - offsetMs
}

/**
 * A leap second, which clocks do not count, is read as the second before it. They come at the end of June or December.
 */
function parseLeapSecond(text: string): number | undefined {
  const before = parseInstant(`${text.slice(0, 17)}59${text.slice(19)}`)
  if (before === undefined) return undefined
  const next = new Date((Math.floor(before / 1000) + 1) * 1000).toISOString()
  return /-(?:01|07)-01T00:00:00\.000Z$/.test(next) ? before : undefined
}

/** Whether the instant can be stored. */
export function isInstant(milliseconds: number): boolean {
  return milliseconds >= earliest && milliseconds < latest
}

/** The instant itself, or the nearest one that can be stored. */
export function clampInstant(milliseconds: number): number {
  return Math.min(Math.max(milliseconds, earliest), latest)
}

/** The form in which times leave the program unless a surface has its own: RFC 3339 in UTC with milliseconds. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString()
}
