import { Temporal } from 'temporal-polyfill'
import { bucketsOf, type Bucket, type Granularity, type Period } from '../../src/domain/period.ts'

/** What the tests know of a call that they sent. */
export interface SentCall {
  id: string
  status: 'active' | 'completed' | 'abandoned' | 'escalated'
  startedAt: number
  endedAt: number
  durationSeconds: number
  campaignId: string | null
  callCenterId: string | null
  agentId: string | null
  engagementId: string | null
  channel: string
  tags: string[]
  escalated: boolean
  resolved: boolean | null
  evaluation: { status: string; score: number | null; sentiment: string | null } | undefined
}

/** One call's own fields and values that filters may ask for. */
export type CallFilter = Partial<
  Record<'campaignId' | 'callCenterId' | 'agentId' | 'engagementId' | 'channel', string[]>
> & {
  tag?: string[]
}

/** The figures of a row as the API tells them, from the calls one by one, without a store. */
export function figuresOf(calls: readonly SentCall[]) {
  const evaluations = calls.flatMap(({ evaluation }) => (evaluation ? [evaluation] : []))
  const completed = evaluations.filter(({ status }) => status === 'evaluated')
  const scores = completed.flatMap(({ score }) => (score === null ? [] : [score]))
  const known = calls.filter(({ resolved }) => resolved !== null)
  const feeling = (sentiment: string): number => completed.filter((entry) => entry.sentiment === sentiment).length
  return {
    totalCalls: calls.length,
    totalEvaluations: evaluations.length,
    completedEvaluations: completed.length,
    averageScore: quotient(sum(scores), 1000 * scores.length, 1),
    sentimentBreakdown: { positive: feeling('positive'), neutral: feeling('neutral'), negative: feeling('negative') },
    averageDurationSeconds: quotient(sum(calls.map((call) => call.durationSeconds)), 1000 * calls.length, 0),
    escalationRate: quotient(calls.filter((call) => call.escalated).length, calls.length, 4),
    resolutionRate: quotient(known.filter((call) => call.resolved).length, known.length, 4),
  }
}

/** The further metrics that a model of the calls can tell. */
export function furtherOf(calls: readonly SentCall[]) {
  const durations = calls.map((call) => Math.round(call.durationSeconds * 1000)).toSorted((left, right) => left - right)
  return {
    medianDurationSeconds: percentile(durations, 50),
    p90DurationSeconds: percentile(durations, 90),
    p95DurationSeconds: percentile(durations, 95),
    abandonmentRate: quotient(calls.filter((call) => call.status === 'abandoned').length, calls.length, 4),
    peakConcurrentCalls: Math.max(
      0,
      ...calls.map(
        ({ startedAt }) => calls.filter((other) => other.startedAt <= startedAt && other.endedAt > startedAt).length,
      ),
    ),
  }
}

/** The calls of a period: those that ended in it, once they have. */
export function chosen(
  calls: Iterable<SentCall>,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  filter: CallFilter,
) {
  return [...calls].filter(
    (call) =>
      call.status !== 'active' &&
      call.endedAt >= fromMs &&
      call.endedAt < toMs &&
      (filter.tag === undefined || filter.tag.some((tag) => call.tags.includes(tag))) &&
      (['campaignId', 'callCenterId', 'agentId', 'engagementId', 'channel'] as const).every(
        (name) => filter[name] === undefined || filter[name].includes(call[name] ?? ''),
      ),
  )
}

/** The calls of each bucket of a period. */
export function inBuckets(calls: SentCall[], period: Period, granularity: Granularity): [Bucket, SentCall[]][] {
  return bucketsOf(period, granularity).map((bucket) => [
    bucket,
    calls.filter(({ endedAt }) => endedAt >= bucket.fromMs && endedAt < bucket.toMs),
  ])
}

/**
 * The calls that a comparison counts for each bucket, found the other way round than by the program: every call is moved on
 * to the day that it is compared with. `nowMs` cuts off what came later in its day than now in today.
 */
export function comparedCalls(
  calls: Iterable<SentCall>,
  { period, nowMs, filter }: { period: Period; nowMs: number; filter: CallFilter },
  granularity: Granularity,
): SentCall[][] {
  const { zone, firstDay, lastDay, fromMs, toMs } = period
  const next = Temporal.PlainDate.from(lastDay).add({ days: 1 })
  const isOfMonths = firstDay.endsWith('-01') && next.day === 1
  const first = Temporal.PlainDate.from(firstDay)
  const length = isOfMonths ? { months: first.until(next, { largestUnit: 'month' }).months } : first.until(next)
  const local = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).toPlainDateTime()
  const isRunning = fromMs <= nowMs && nowMs < toMs
  const moved = chosen(calls, { fromMs: -Infinity, toMs: fromMs }, filter).flatMap((call) => {
    const at = local(call.endedAt)
    const to = at.toPlainDate().add(length)
    // Of a day that the later month lacks, what counts is whether that month's last day is over.
    const time = to.day < at.day && isOfMonths ? Temporal.PlainTime.from('23:59:59.999999999') : at.toPlainTime()
    const isOver = !isRunning || Temporal.PlainDateTime.compare(to.toPlainDateTime(time), local(nowMs)) < 0
    return to.toString() < firstDay || !isOver ? [] : [{ call, day: to.toString() }]
  })
  return bucketsOf(period, granularity).map((bucket, index, all) => {
    const until = all[index + 1]?.date ?? next.toString()
    return moved.filter(({ day }) => day >= bucket.date && day < until).map(({ call }) => call)
  })
}

/** Ids with their calls: most calls first, ties by id; calls without the id are left out. */
export function byId(calls: SentCall[], name: 'campaignId' | 'callCenterId' | 'agentId'): [string, SentCall[]][] {
  const groups = Map.groupBy(
    calls.filter((call) => call[name] !== null),
    (call) => call[name] ?? '',
  )
  return [...groups].toSorted(([left, some], [right, others]) => others.length - some.length || (left < right ? -1 : 1))
}

/** In thousandths, whose sum is exact. */
function sum(values: number[]): number {
  return values.reduce((total, value) => total + Math.round(value * 1000), 0)
}

/** One whole number by another, rounded without a binary fraction between. */
function quotient(dividend: number, divisor: number, decimals: number): number | null {
  if (divisor === 0) return null
  const scale = 10n ** BigInt(decimals)
  return Number((2n * scale * BigInt(dividend) + BigInt(divisor)) / (2n * BigInt(divisor))) / Number(scale)
}

function percentile(sorted: number[], percent: number): number | null {
  const place = (sorted.length - 1) * percent
  const [below, above] = [sorted[Math.floor(place / 100)], sorted[Math.ceil(place / 100)]]
  if (below === undefined || above === undefined) return null
  return quotient(100 * below + (above - below) * (place % 100), 100_000, 1)
}
