/** How numbers and times are written. */
export interface Formats {
  timezone: string
  integer: (value: number) => string
  decimal: (value: number) => string
  /** A day and a time to the second. */
  moment: (iso: string) => string
  /** A day, short for this year, and the time to the minute. */
  day: (iso: string) => string
  time: (iso: string) => string
  dayAndTime: (iso: string) => string
  /** A calendar day, such as `2026-05-31`, which belongs to no zone. */
  localDay: (day: string) => string
  /** Of 100. */
  percent: (value: number) => string
  bytes: (count: number) => string
  /** Seconds as `m:ss` or `h:mm:ss`. */
  clock: (seconds: number) => string
  languageName: (tag: string) => string
}

/** The formats of a language and a time zone. */
export function formats(language: string, timezone?: string): Formats {
  const timeZone = timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  const integer = new Intl.NumberFormat(language, { maximumFractionDigits: 0 })
  const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const moment = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'long', timeStyle: 'medium' })
  const day = new Intl.DateTimeFormat(language, { timeZone, day: 'numeric', month: 'short', year: 'numeric' })
  const time = new Intl.DateTimeFormat(language, { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const localDay = new Intl.DateTimeFormat(language, { timeZone: 'UTC', dateStyle: 'medium' })
  const percent = new Intl.NumberFormat(language, { style: 'percent' })
  const names = new Intl.DisplayNames([language], { type: 'language' })
  return {
    timezone: timeZone,
    integer: (value) => integer.format(value),
    decimal: (value) => decimal.format(value),
    moment: (iso) => moment.format(new Date(iso)),
    day: (iso) => day.format(new Date(iso)),
    time: (iso) => time.format(new Date(iso)),
    dayAndTime: (iso) => `${day.format(new Date(iso))}, ${time.format(new Date(iso))}`,
    localDay: (text) => localDay.format(new Date(`${text}T00:00:00Z`)),
    percent: (value) => percent.format(value / 100),
    bytes: (count) => bytesText(language, count),
    clock,
    languageName: (tag) => nameOf(names, tag),
  }
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const rest = String(whole % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

function bytesText(language: string, count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  const value = count / 1000 ** power
  const style = { style: 'unit', unit: units[power], unitDisplay: 'short', maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(language, style).format(value)
}

function nameOf(names: Intl.DisplayNames, tag: string): string {
  try {
    return names.of(tag) ?? tag
  } catch {
    // What a sender wrote there is no language tag.
    return tag
  }
}
