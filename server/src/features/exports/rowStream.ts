import type { ClickHouseView } from '../../store/clickhouse/clickhouse.ts'
import { inItsOrder } from './formats/format.ts'

type Engine = Pick<ClickHouseView, 'stream' | 'command'>

/** Planning takes the engine some 0.7 ms a column, and the process waits while the statement of a stream is planned. */
const maxColumnsAtOnce = 64

/**
 * How the rows of a file of so many columns are streamed: a piece ahead, and such that planning the statement does not
 * hold up the process.
 */
export function rowStream(view: Engine, table: string, columnCount: number): Pick<Engine, 'stream'> {
  const isWide = columnCount > maxColumnsAtOnce
  return {
    stream: (query, format) =>
      readAhead(
        isWide && format === 'RawBLOB'
          ? streamRendered(view, `${table}_rendered`, query, format)
          : view.stream(query, format),
      ),
  }
}

/** The same pieces, each asked for while the one before is used: the engine renders while we encrypt and store. */
async function* readAhead(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]()
  const ask = (): Promise<IteratorResult<Uint8Array>> => {
    const asked = source.next()
    // It may fail before it is waited for.
    asked.catch(() => {})
    return asked
  }
  let next = ask()
  try {
    for (;;) {
      const piece = await next
      if (piece.done) return
      next = ask()
      yield piece.value
    }
  } finally {
    await next.catch(() => {})
    await source.return?.()
  }
}

/** Runs a wide statement, whose answer is one column of texts, aside into a table, and streams that table in the same order. */
async function* streamRendered(view: Engine, table: string, query: string, format: string): AsyncGenerator<Uint8Array> {
  try {
    await view.command(`
      CREATE TABLE ${table} (piece String)
      ENGINE = Log`)
    await view.command(
      `
      INSERT INTO ${table} (piece)
      SELECT *
      FROM (${query})
      SETTINGS
        ${inItsOrder},
        min_insert_block_size_rows = 0,
        min_insert_block_size_bytes = 33554432,
        max_ast_elements = 10000000,
        max_expanded_ast_elements = 10000000`,
      {},
      { isLong: true },
    )
    yield* view.stream(`SELECT piece FROM ${table} SETTINGS max_block_size = 256, ${inItsOrder}`, format)
  } finally {
    await view.command(`DROP TABLE IF EXISTS ${table} SYNC`)
  }
}
