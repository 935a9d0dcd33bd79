import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { BenchOptions, Figure, Result } from './measure.ts'

/** What one size takes, in milliseconds. */
export interface AnalyticsTimes {
  rebuildMs: number
  answers: Record<string, { p50: number; p95: number }>
  /** The engine's own queries for what is read from the calls. */
  engine: Record<string, { p50: number; p95: number }>
  postgres: Record<string, number>
}

/** Answers that need more than the totals have a goal of their own. */
const maxRatioToEngine = 1.5
const maxMs = 50
const maxGrowthRatio = 2
const minRatioToPostgres = 20

/**
 * Analytics over HTTP at one and ten million calls, spread over a year and all settled; against PostgreSQL with a
 * covering index at two million, and the engine's own queries where the calls themselves are read.
 */
export async function measureAnalytics({ scale, directory }: BenchOptions): Promise<Result> {
  const [few, some, many] = [1_000_000, 2_000_000, 10_000_000].map((calls) => Math.round(calls * scale))
  const small = await inOwnProcess(join(directory, 'small'), few ?? 0, '')
  const compared = await inOwnProcess(join(directory, 'compared'), some ?? 0, 'postgres')
  const large = await inOwnProcess(join(directory, 'large'), many ?? 0, '')
  const figures: Figure[] = [
    { label: `working all totals out, ${count(many)} calls`, value: large.rebuildMs / 1000, unit: 's' },
    ...Object.entries(large.answers).flatMap(([name, times]) =>
      name in large.engine ? engineFigure(name, times, large.engine) : totalsFigures(name, times, small.answers[name]),
    ),
    ...Object.entries(compared.postgres).map(([name, milliseconds]) =>
      postgresFigure(name, milliseconds, compared.answers[name]?.p50 ?? 0, count(some)),
    ),
  ]
  return { name: `analytics of a year: ${count(few)}, ${count(some)} and ${count(many)} calls`, figures }
}

function totalsFigures(
  name: string,
  { p50, p95 }: { p50: number; p95: number },
  small: { p50: number } | undefined,
): Figure[] {
  const growth = p50 / (small?.p50 ?? p50)
  return [
    {
      label: `${name}, p50`,
      value: p50,
      unit: 'ms',
      against: { what: 'a tenth of the calls', ratio: growth },
      goal: { text: `at most ${maxGrowthRatio} times`, isMet: growth <= maxGrowthRatio },
    },
    { label: `${name}, p95`, value: p95, unit: 'ms', goal: { text: `${maxMs} ms`, isMet: p95 < maxMs } },
  ]
}

function engineFigure(name: string, { p50 }: { p50: number }, engine: AnalyticsTimes['engine']): Figure[] {
  const own = engine[name]?.p50 ?? p50
  const ratio = p50 / own
  return [
    {
      label: `${name}, p50`,
      value: p50,
      unit: 'ms',
      against: { what: `the engine's own ${own.toFixed(0)} ms`, ratio },
      goal: { text: `at most ${maxRatioToEngine} times`, isMet: ratio <= maxRatioToEngine },
    },
  ]
}

function postgresFigure(name: string, milliseconds: number, ours: number, calls: string): Figure {
  const ratio = milliseconds / ours
  return {
    label: `${name}, ${calls} calls, p50`,
    value: ours,
    unit: 'ms',
    against: { what: `PostgreSQL's ${milliseconds.toFixed(0)} ms`, ratio },
    goal: { text: `${minRatioToPostgres} times as fast`, isMet: ratio >= minRatioToPostgres },
  }
}

function count(calls: number | undefined): string {
  return (calls ?? 0).toLocaleString('en-US')
}

async function inOwnProcess(directory: string, calls: number, compares: string): Promise<AnalyticsTimes> {
  const child = fork(new URL('./analyticsEngine.ts', import.meta.url), [directory, String(calls), compares])
  const ended = once(child, 'exit')
  const told = once(child, 'message')
  const first = await Promise.race([told, ended.then(() => undefined)])
  if (!first) throw new Error(`The process that measures ${calls} calls ended before it was done.`)
  await ended
  return timesFrom(first)
}

/** Guarantee: the child sends nothing else. */
function timesFrom([message]: unknown[]): AnalyticsTimes {
  return message as AnalyticsTimes
}
