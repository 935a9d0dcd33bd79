const pattern = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/
// The column type's range.
const earliest = Date.UTC(1900, 0, 1)
const latest = Date.UTC(2299, 11, 31)

/** What a message says of a time that is none that can be stored. */
export const instantRange = 'must lie between 1900-01-01T00:00:00Z and 2299-12-30T23:59:59.999Z'

/**
 * Reads an RFC 3339 time with an offset, of any year from 0000 to 9999; finer digits than milliseconds are cut off.
 * Gives milliseconds since 1970, or undefined for anything else, also for days that do not exist.
 */
export function parseInstant(text: string): number | undefined {
  const match = pattern.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', offset = 'Z'] = match
  const date = new Date(0)
  // Date.UTC takes the years 0 to 99 for those of the last century.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const local = date.setUTCHours(Number(hour), Number(minute), Number(second))
  const exists =
    date.getUTCFullYear() === Number(year) &&
    date.getUTCMonth() === Number(month) - 1 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60
  if (!exists) return undefined
  const shift = offsetMinutes(offset)
  if (shift === undefined) return undefined
  return local - shift * 60_000 + Number(fraction.padEnd(3, '0').slice(0, 3))
}

/** Whether the moment lies in the range that can be stored. */
export function isInstant(milliseconds: number): boolean {
  return milliseconds >= earliest && milliseconds < latest
}

/** The moment itself, or the nearest one that can be stored. */
export function clampInstant(milliseconds: number): number {
  return Math.min(Math.max(milliseconds, earliest), latest)
}

function offsetMinutes(offset: string): number | undefined {
  if (offset === 'Z' || offset === 'z') return 0
  const hours = Number(offset.slice(1, 3))
  const minutes = Number(offset.slice(4, 6))
  if (hours > 23 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** The form in which times leave the program unless a surface has its own: RFC 3339 in UTC with milliseconds. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString()
}
