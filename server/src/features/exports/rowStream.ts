import type { ClickHouseView } from '../../store/clickhouse/clickhouse.ts'
import { inItsOrder } from './formats/format.ts'

type Engine = Pick<ClickHouseView, 'stream' | 'command'>

/** The engine plans about 0.7 ms per column, and the event loop is blocked while a streamed statement is planned. */
const maxStreamedColumns = 64

/**
 * Chooses how to stream a file's rows: one chunk ahead, and such that planning a statement with many columns does not
 * block the event loop.
 */
export function rowStream(view: Engine, table: string, columnCount: number): Pick<Engine, 'stream'> {
  const isWide = columnCount > maxStreamedColumns
  return {
    stream: (query, format) =>
      readAhead(
        isWide && format === 'RawBLOB'
          ? streamRendered(view, `${table}_rendered`, query, format)
          : view.stream(query, format),
      ),
  }
}

/**
 * Yields the same chunks, each requested while the previous one is used, so that the engine renders while the server
 * encrypts and stores.
 */
async function* readAhead(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = pieces[Symbol.asyncIterator]()
  const requestNext = (): Promise<IteratorResult<Uint8Array>> => {
    const requested = source.next()
    // The promise may reject before it is awaited; this avoids an unhandled rejection.
    requested.catch(() => {})
    return requested
  }
  let next = requestNext()
  try {
    for (;;) {
      const piece = await next
      if (piece.done) return
      next = requestNext()
      yield piece.value
    }
  } finally {
    await next.catch(() => {})
    await source.return?.()
  }
}

/**
 * Runs a statement with many columns, whose result is one column of strings, asynchronously into a table, then streams
 * that table in the same order.
 */
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
