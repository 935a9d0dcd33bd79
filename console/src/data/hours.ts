import type { Received } from './dataApi.ts'

const hourMs = 3_600_000
const shownHours = 25

/** An hour and its received records. */
export interface Hour {
  /** In milliseconds since 1970. */
  startsAt: number
  records: number
}

/** The hours up to an instant, oldest first, with the records of all collections; includes empty hours. */
export function hoursOf(received: readonly Pick<Received, 'hours'>[], to: string): Hour[] {
  const last = Math.floor(Date.parse(to) / hourMs) * hourMs
  const hours = Array.from({ length: shownHours }, (_, place) => ({
    startsAt: last - (shownHours - 1 - place) * hourMs,
    records: 0,
  }))
  for (const { startsAt, records } of received.flatMap((one) => one.hours)) {
    const hour = hours.find((known) => known.startsAt === Date.parse(startsAt))
    if (hour) hour.records += records
  }
  return hours
}
