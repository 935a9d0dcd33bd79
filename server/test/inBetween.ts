import type { Ports } from '../src/ports.ts'
import { openRecordLog } from '../src/recordLog/recordLog.ts'
import type { Queryable, Sql } from '../src/store/postgres/postgres.ts'

/**
 * Another program over the same stores, in which something happens once: before its first statement to PostgreSQL that
 * fits, or the one of that count. `isReached` tells whether there was one.
 */
export function otherProgram(
  ports: Ports,
  { fitting, count = 1 }: { fitting: RegExp; count?: number },
  happens: () => Promise<unknown>,
): { ports: Ports; isReached: () => boolean } {
  let seen = 0
  async function next<Result>(statement: Sql, run: () => Promise<Result>): Promise<Result> {
    if (fitting.test(statement.text) && ++seen === count) await happens()
    return run()
  }
  const watched = (on: Queryable): Queryable => ({
    first: (statement) => next(statement, () => on.first(statement)),
    query: (statement) => next(statement, () => on.query(statement)),
    run: (statement) => next(statement, () => on.run(statement)),
  })
  const { postgres } = ports
  const other: Ports = {
    ...ports,
    postgres: {
      ...postgres,
      ...watched(postgres),
      transaction: (work) => postgres.transaction((tx) => work(watched(tx))),
    },
  }
  other.recordLog = openRecordLog(other)
  return { ports: other, isReached: () => seen >= count }
}
