import * as fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { AppError } from '../errors.ts'
import * as period from './period.ts'

const zones = Intl.supportedValuesOf('timeZone')
const dayMs = 86_400_000
const zone = fc.constantFrom(...zones)
const instant = fc.integer({ min: Date.UTC(1902, 0, 1), max: Date.UTC(2080, 0, 1) })
const day = fc.integer({ min: 0, max: 65_000 }).map((count) => period.addDays('1902-01-01', count))

/** The zone's clock by Intl, which shares no code with what is tested. */
function clock(instantMs: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instantMs)
}

function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof AppError && error.code === 'VALIDATION_ERROR') return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

function offsetAt(transitions: period.OffsetTransition[], ms: number): number | undefined {
  return transitions.findLast((transition) => transition.fromMs <= ms)?.offsetSeconds
}

describe('dates and zones as users write them', () => {
  it.each(['2026-05-03', '2024-02-29', '1899-12-31', '2299-12-31'])('takes %s', (text) => {
    expect(period.parseLocalDate(text, 'dateFrom')).toBe(text)
  })

  it.each(['2026-5-3', '2026-02-30', '2023-02-29', '2026-05-03T00:00Z', ' 2026-05-03', '03/05/2026', '', '1899-01-01'])(
    'refuses %j',
    (text) => {
      expect(refusal(() => period.parseLocalDate(text, 'dateFrom'))).toMatch(
        /^dateFrom .*(YYYY-MM-DD|calendar|between)/,
      )
    },
  )

  it.each([
    ['UTC', 'UTC'],
    ['america/santiago', 'America/Santiago'],
    ['Asia/Calcutta', 'Asia/Calcutta'],
    ['US/Pacific', 'US/Pacific'],
    ['Etc/GMT+3', 'Etc/GMT+3'],
    ['GMT', 'GMT'],
  ])('takes the zone %s', (text, expected) => {
    expect(period.parseTimeZone(text)).toBe(expected)
  })

  it('takes every zone of the runtime', () => {
    for (const name of zones) expect(period.parseTimeZone(name)).toBe(name)
  })

  it.each(['+03:00', '-0300', '+03', 'UTC+3', 'GMT-4', 'Z'])('refuses the offset %s as one', (text) => {
    expect(refusal(() => period.parseTimeZone(text))).toMatch(/IANA time zone name.*not an offset/)
  })

  it.each(['Mars/Olympus', '', 'America/Santiago ', "x'; DROP TABLE calls", '2026-01-01T00:00[UTC]', 'América/Lima'])(
    'refuses the unknown zone %j',
    (text) => {
      expect(refusal(() => period.parseTimeZone(text))).toMatch(/IANA time zone name/)
    },
  )
})

describe('local days', () => {
  it('begins 2026-09-06 in Santiago at 01:00, for it has no midnight', () => {
    const start = period.startOfDay('2026-09-06', 'America/Santiago')
    expect(new Date(start).toISOString()).toBe('2026-09-06T04:00:00.000Z')
    expect(period.formatLocalTime(start, 'America/Santiago')).toBe('2026-09-06 01:00:00')
    expect(period.formatLocalTime(start - 1, 'America/Santiago')).toBe('2026-09-05 23:59:59')
  })

  it('gives 2026-04-04 in Santiago 25 hours', () => {
    const { fromMs, toMs } = period.periodOfDays('2026-04-04', '2026-04-04', 'America/Santiago')
    expect(toMs - fromMs).toBe(25 * 3_600_000)
    expect(period.localDayOf(toMs - 1, 'America/Santiago')).toBe('2026-04-04')
    expect(period.localDayOf(toMs, 'America/Santiago')).toBe('2026-04-05')
  })

  it('leaves the day that Apia skipped empty', () => {
    const skipped = period.periodOfDays('2011-12-30', '2011-12-30', 'Pacific/Apia')
    expect(skipped.toMs - skipped.fromMs).toBe(0)
    expect(period.localDayOf(skipped.fromMs, 'Pacific/Apia')).toBe('2011-12-31')
    expect(period.localDayOf(skipped.fromMs - 1, 'Pacific/Apia')).toBe('2011-12-29')
  })

  it('follows Casablanca, which lays summer time aside in Ramadan', () => {
    const offsets = period.offsetTransitions('Africa/Casablanca', Date.UTC(2025, 0, 1), Date.UTC(2026, 6, 1))
    expect(offsets.map((entry) => entry.offsetSeconds)).toEqual([3600, 0, 3600, 0, 3600])
  })

  it('counts and lists days, both ends included', () => {
    expect(period.countDays('2026-01-01', '2026-04-02')).toBe(92)
    expect(period.countDays('2026-01-02', '2026-01-01')).toBe(0)
    expect(period.localDays('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01'])
  })

  it('puts every instant into exactly one day, in every zone', () => {
    fc.assert(
      fc.property(zone, instant, (name, ms) => {
        const found = period.localDayOf(ms, name)
        expect(period.startOfDay(found, name)).toBeLessThanOrEqual(ms)
        expect(period.startOfDay(period.addDays(found, 1), name)).toBeGreaterThan(ms)
        const shown = clock(ms, name).slice(0, 10)
        // Only the hours repeated after clocks went back over midnight show the day before.
        if (shown !== found) expect(clock(period.startOfDay(found, name), name).slice(0, 10)).toBe(found)
      }),
      { numRuns: 1500 },
    )
  })

  it('tiles the time line with days in every zone, each beginning with its own first instant', () => {
    for (const name of zones) {
      fc.assert(
        fc.property(day, (first) => {
          const second = period.addDays(first, 1)
          const today = period.periodOfDays(first, first, name)
          expect(period.periodOfDays(second, second, name).fromMs).toBe(today.toMs)
          expect(today.toMs).toBeGreaterThanOrEqual(today.fromMs)
          if (today.toMs === today.fromMs) return
          expect(clock(today.fromMs, name).slice(0, 10)).toBe(first)
          expect(clock(today.fromMs - 1, name) < `${first} 00:00:00`).toBe(true)
        }),
        { numRuns: 2 },
      )
    }
  })
})

describe('buckets', () => {
  it('tile any period, and hold the days that they are named after', () => {
    const granularity = fc.constantFrom('day', 'week', 'month' as const) as fc.Arbitrary<period.Granularity>
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.integer({ min: 1, max: 100 * dayMs }),
        granularity,
        (name, fromMs, length, unit) => {
          const whole = period.periodOfInstants(fromMs, fromMs + length, name)
          const buckets = period.bucketsOf(whole, unit)
          expect(buckets[0]?.fromMs).toBe(whole.fromMs)
          expect(buckets.at(-1)?.toMs).toBe(whole.toMs)
          buckets.forEach((bucket, index) => {
            if (index > 0) expect(buckets[index - 1]?.toMs).toBe(bucket.fromMs)
            if (index > 0) expect(bucket.fromMs).toBe(period.startOfDay(bucket.date, name))
            if (unit === 'week') expect(Temporal.PlainDate.from(bucket.date).dayOfWeek).toBe(1)
            if (unit === 'month') expect(bucket.date).toMatch(/-01$/)
          })
        },
      ),
      { numRuns: 200 },
    )
  })

  it('name a week by its Monday and a month by its first day, even before the period', () => {
    const may = period.periodOfDays('2026-05-06', '2026-05-12', 'UTC')
    expect(period.bucketsOf(may, 'week').map((bucket) => bucket.date)).toEqual(['2026-05-04', '2026-05-11'])
    expect(period.bucketsOf(may, 'month').map((bucket) => bucket.date)).toEqual(['2026-05-01'])
    expect(period.bucketsOf(may, 'day')).toHaveLength(7)
  })
})

describe('the period before', () => {
  const utc = (text: string): number => Date.parse(`${text}Z`)
  const before = (firstDay: string, lastDay: string, now = '2030-01-01T00:00', name = 'UTC') => {
    const { fromMs, toMs } = period.periodBefore(period.periodOfDays(firstDay, lastDay, name), utc(now)).period
    return [fromMs, toMs].map((ms) => new Date(ms).toISOString().slice(0, 16))
  }

  it.each([
    ['2026-03-01', '2026-03-31', '2026-02-01T00:00'],
    ['2026-02-01', '2026-02-28', '2026-01-01T00:00'],
    ['2026-04-01', '2026-06-30', '2026-01-01T00:00'],
    ['2026-01-01', '2026-12-31', '2025-01-01T00:00'],
    ['2026-02-16', '2026-03-01', '2026-02-02T00:00'],
    ['2026-03-02', '2026-03-31', '2026-01-31T00:00'],
    ['2026-03-05', '2026-03-05', '2026-03-04T00:00'],
  ])('of %s to %s begins on %s', (firstDay, lastDay, from) => {
    expect(before(firstDay, lastDay)).toEqual([from, `${firstDay}T00:00`])
  })

  it.each([
    ['2026-03-10', '2026-03-10', '2026-03-10T09:00', ['2026-03-09T00:00', '2026-03-09T09:00']],
    ['2026-03-04', '2026-03-10', '2026-03-10T09:00', ['2026-02-25T00:00', '2026-03-03T09:00']],
    ['2026-03-01', '2026-03-31', '2026-03-10T09:00', ['2026-02-01T00:00', '2026-02-10T09:00']],
    // February has no 30th: all of it is before.
    ['2026-03-01', '2026-03-31', '2026-03-30T09:00', ['2026-02-01T00:00', '2026-03-01T00:00']],
    ['2026-04-01', '2026-06-30', '2026-05-20T09:00', ['2026-01-01T00:00', '2026-02-20T09:00']],
    ['2026-03-10', '2026-03-12', '2026-03-10T00:00', ['2026-03-07T00:00', '2026-03-07T00:00']],
    ['2026-03-10', '2026-03-12', '2026-03-13T00:00', ['2026-03-07T00:00', '2026-03-10T00:00']],
    ['2026-03-10', '2026-03-12', '2026-03-09T23:59', ['2026-03-07T00:00', '2026-03-10T00:00']],
  ])('of %s to %s at %s is the same part', (firstDay, lastDay, now, expected) => {
    expect(before(firstDay, lastDay, now)).toEqual(expected)
  })

  it('goes by the clock of the zone, over a change of clocks too', () => {
    const name = 'America/Santiago'
    // Clocks went back on the night to the 5th, and skip midnight on 6 September.
    expect(before('2026-04-05', '2026-04-05', '2026-04-05T16:00', name)).toEqual([
      '2026-04-04T03:00',
      '2026-04-04T15:00',
    ])
    expect(before('2026-09-06', '2026-09-06', '2026-09-06T04:30', name)).toEqual([
      '2026-09-05T04:00',
      '2026-09-05T05:30',
    ])
    expect(before('2026-09-07', '2026-09-07', '2026-09-07T03:30', name)).toEqual([
      '2026-09-06T04:00',
      '2026-09-06T04:00',
    ])
  })

  it('of instants is as many milliseconds', () => {
    const half = period.periodOfInstants(utc('2026-03-10T06:30'), utc('2026-03-10T18:00'), 'UTC')
    const found = (now: string) => period.periodBefore(half, utc(now)).period
    expect(found('2030-01-01T00:00')).toMatchObject({ fromMs: utc('2026-03-09T19:00'), toMs: half.fromMs })
    expect(found('2026-03-10T07:30')).toMatchObject({ fromMs: utc('2026-03-09T19:00'), toMs: utc('2026-03-09T20:00') })
  })

  it('has a counterpart for each bucket, and they tile it', () => {
    const granularity = fc.constantFrom<period.Granularity>('day', 'week', 'month')
    const length = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(0))
    fc.assert(
      fc.property(
        zone,
        day,
        length,
        granularity,
        fc.double({ min: -0.5, max: 2, noNaN: true }),
        (name, first, days, unit, at) => {
          const month = `${first.slice(0, 7)}-01`
          const whole =
            days === 0
              ? period.periodOfDays(month, period.addDays(period.addMonths(month, 2), -1), name)
              : period.periodOfDays(first, period.addDays(first, days - 1), name)
          const { counterpartOf, ...found } = period.periodBefore(
            whole,
            Math.floor(whole.fromMs + at * (whole.toMs - whole.fromMs)),
          )
          const counterparts = period.bucketsOf(whole, unit).map(counterpartOf)
          expect(counterparts[0]?.fromMs).toBe(found.period.fromMs)
          expect(counterparts.at(-1)?.toMs).toBe(found.period.toMs)
          counterparts.forEach((counterpart, index) => {
            expect(counterpart.toMs).toBeGreaterThanOrEqual(counterpart.fromMs)
            if (index > 0) expect(counterparts[index - 1]?.toMs).toBe(counterpart.fromMs)
          })
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('local time', () => {
  it('has the offsets that Temporal gives for any instant', () => {
    fc.assert(
      fc.property(zone, instant, fc.double({ min: 0, max: 1, noNaN: true }), (name, ms, part) => {
        const transitions = period.offsetTransitions(name, ms - 400 * dayMs, ms + 400 * dayMs)
        const at = Math.round(ms + (part - 0.5) * 800 * dayMs)
        const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name)
        expect(offsetAt(transitions, at)).toBe(time.offsetNanoseconds / 1e9)
      }),
      { numRuns: 500 },
    )
  })

  it('is shown to the second, as Intl shows it, below a minute and before 1970 too', () => {
    fc.assert(
      fc.property(zone, instant, (name, ms) => {
        expect(period.formatLocalTime(ms, name)).toBe(clock(ms, name))
      }),
      { numRuns: 500 },
    )
    expect(period.formatLocalTime(-1, 'UTC')).toBe('1969-12-31 23:59:59')
    expect(period.formatLocalTime(Date.UTC(1905, 0, 1), 'Africa/Casablanca')).toBe('1904-12-31 23:29:40')
  })

  it('reaches SQL as integers alone', () => {
    const transitions = period.offsetTransitions('America/Santiago', Date.UTC(2026, 3, 1), Date.UTC(2026, 9, 1))
    expect(period.localTimeExpression('ended_at', transitions)).toBe(
      'addSeconds(ended_at, multiIf(ended_at < fromUnixTimestamp64Milli(1775358000000), -10800, ' +
        'ended_at < fromUnixTimestamp64Milli(1788667200000), -14400, -10800))',
    )
    expect(period.localTimeExpression('t', period.offsetTransitions('UTC', 0, 1))).toBe('addSeconds(t, 0)')
  })
})

describe('an RFC 3339 time', () => {
  const read = (text: string, timeZone = 'UTC') => period.parseInstantIn(timeZone, text)

  it.each([
    ['2020-07-21T19:32:28Z', Date.UTC(2020, 6, 21, 19, 32, 28)],
    ['2020-07-21t19:32:28.123456789z', Date.UTC(2020, 6, 21, 19, 32, 28, 123)],
    ['2020-07-21 19:32:28-00:00', Date.UTC(2020, 6, 21, 19, 32, 28)],
    ['2020-07-21T19:32:28-04:30', Date.UTC(2020, 6, 22, 0, 2, 28)],
    ['2020-07-21T19:32:28 05:30', Date.UTC(2020, 6, 21, 14, 2, 28)],
    ['2525-01-01T00:00:00Z', Date.UTC(2525, 0, 1)],
    ['1969-12-31T23:59:59.9999Z', -1],
  ])('%s', (text, expected) => {
    expect(read(text, 'America/Santiago')).toBe(expected)
  })

  it.each([
    ['2020-07-21', '20-07-21T00:00:00Z', '2020-07-21T00:00Z', '2020-13-01T00:00:00Z', '2021-02-29T00:00:00Z'],
    ['2020-07-21T24:00:00Z', '2020-07-21T00:60:00Z', '2020-07-21T00:00:00+25:00', '2020-07-21T00:00:00[UTC]', ''],
  ])('is nothing else: %s …', (...texts) => {
    expect(texts.map((text) => read(text))).toEqual(texts.map(() => undefined))
  })

  it('without an offset is never earlier for being later on the clock', () => {
    const time = fc.integer({ min: Date.UTC(1950, 0, 1), max: Date.UTC(2060, 0, 1) })
    fc.assert(
      fc.property(zone, time, fc.integer({ min: 0, max: 7_200_000 }), (timeZone, at, more) => {
        const texts = [at, at + more].map((local) => new Date(local).toISOString().slice(0, -1))
        const [first = 0, second = 0] = texts.map((text) => read(text, timeZone))
        expect(second).toBeGreaterThanOrEqual(first)
      }),
    )
  })

  it('without an offset is on the clock of the zone', () => {
    fc.assert(
      fc.property(zone, instant, (timeZone, at) => {
        const ms = Math.floor(at / 1000) * 1000
        const found = read(clock(ms, timeZone), timeZone)
        // A time that comes twice means the first one.
        expect(found).toBeLessThanOrEqual(ms)
        expect(clock(found ?? 0, timeZone)).toBe(clock(ms, timeZone))
      }),
    )
    // Clocks go from 00:00 to 01:00.
    for (const time of ['00:00:00', '00:30:00', '00:59:59.999', '01:00:00']) {
      expect(read(`2026-09-06T${time}`, 'America/Santiago'), time).toBe(Date.UTC(2026, 8, 6, 4))
    }
    expect(read('2026-09-06T01:00:00.001', 'America/Santiago')).toBe(Date.UTC(2026, 8, 6, 4, 0, 0, 1))
    expect(read('2026-04-04T23:30:00', 'America/Santiago')).toBe(Date.UTC(2026, 3, 5, 2, 30))
  })
})
