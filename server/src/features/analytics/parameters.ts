import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import { filterNames, filterOf, type FilterName, type Filters } from './dimensions.ts'
import { outside, type Sources } from './sources.ts'

/** Returns the filters that have values. */
export function usedFilters(filters: Filters): FilterName[] {
  return filterNames.filter((name) => filters[name] !== undefined)
}

/** The parts of a query that become bound values. */
interface Asked {
  starts: readonly number[]
  filters: Filters
  limit: number | undefined
  lastNumber?: number
}

/** Returns the bound values of a statement. */
export function parametersOf(
  accountId: number,
  { starts, filters, limit, lastNumber }: Asked,
  sources: Sources,
): Parameters {
  const ranges = sources.calls.flatMap(({ fromMs, toMs }, index) => [
    [`from${index}`, fromMs],
    [`to${index}`, toMs],
  ])
  return {
    accountId,
    starts,
    ...(limit === undefined ? {} : { limit }),
    ...(lastNumber === undefined ? {} : { lastNumber }),
    ...Object.fromEntries(usedFilters(filters).map((name) => [name, keptValues(name, filters[name])])),
    ...Object.fromEntries(ranges),
    ...dayParameters(sources),
  }
}

/** Returns values both as sent and in the stored form, because older records hold the sent form. */
function keptValues(name: FilterName, values: readonly string[] = []): readonly string[] {
  const { keptAs } = filterOf(name)
  return keptAs ? [...new Set(values.flatMap((value) => [value, keptAs(value)]))] : values
}

/** Lists with an entry for each day from the first to the last, so that a row finds its value by its day. */
function dayParameters({ days, moves }: Sources): Parameters {
  const firstDay = days[0]?.day ?? 0
  const lastDay = days.at(-1)?.day ?? -1
  const empty = (value: number): number[] => Array.from({ length: lastDay - firstDay + 1 }, () => value)
  const [versions, dayBuckets] = [empty(0), empty(outside)]
  for (const { day, version, bucket } of days) {
    versions[day - firstDay] = version
    dayBuckets[day - firstDay] = bucket
  }
  if (days.length === 0) return {}
  return { firstDay, lastDay, versions, dayBuckets, ...moveParameters(moves, firstDay, empty) }
}

function moveParameters(moves: Sources['moves'], firstDay: number, empty: (value: number) => number[]): Parameters {
  if (moves.length === 0) return {}
  const [movedFrom, movedTo, fromQuarters, toQuarters] = [empty(outside), empty(outside), empty(0), empty(0)]
  for (const { day, from, to, fromQuarter, toQuarter } of moves) {
    movedFrom[day - firstDay] = from
    movedTo[day - firstDay] = to
    fromQuarters[day - firstDay] = fromQuarter
    toQuarters[day - firstDay] = toQuarter
  }
  const firstQuarter = Math.min(...moves.map((move) => move.fromQuarter))
  const lastQuarter = Math.max(...moves.map((move) => move.toQuarter)) - 1
  return { movedFrom, movedTo, fromQuarters, toQuarters, firstQuarter, lastQuarter }
}
