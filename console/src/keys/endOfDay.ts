/**
 * The first instant after a local day (`2026-05-31`) in a time zone. Uses the zone's offset at the resulting instant, so
 * that it is right on days when clocks change.
 */
export function endOfDay(day: string, timezone: string): Date {
  const wanted = Date.parse(`${day}T00:00:00Z`) + 86_400_000
  const first = wanted - offsetMs(wanted, timezone)
  return new Date(wanted - offsetMs(first, timezone))
}

/** The offset of a zone from UTC at an instant. */
function offsetMs(instant: number, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(new Date(instant))
  const part = (type: string) => parts.find((entry) => entry.type === type)?.value ?? ''
  const local = `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`
  return Date.parse(local) - instant
}
