import type { ClickHouse } from '../../../store/clickhouse/clickhouse.ts'
import type { Column } from './columns.ts'

/** What a file is made of: a table that one statement filled, so that header, rows and count agree. */
export interface Selection {
  clickhouse: Pick<ClickHouse, 'stream'>
  /** Name of the table, made by us, which keeps its rows in the order of the file. */
  table: string
  columns: readonly Column[]
  rowCount: number
  signal: AbortSignal
  /** Called now and then with the number of rows written so far; with `rowCount` at the end. */
  onRows: (count: number) => void
}

/** A file format: the engine renders the bytes, and `write` streams them. */
export interface Format {
  name: string
  contentType: string
  /** File name extension without a dot. */
  extension: string
  /** The whole file. Ends with an error when the selection is aborted or fails; breaking off cancels the query. */
  write(selection: Selection): AsyncIterable<Uint8Array>
}

/** Reads a log in its order: with more threads than one, each would read a share of it. */
export const inItsOrder = 'max_threads = 1'

/**
 * Settings for a statement that renders rows: pieces of a few megabytes, however wide the rows, keep memory flat and
 * the event loop free; a file of many thousand columns is a long statement.
 */
export function renderSettings(columns: number): string {
  const rowsInBlock = Math.min(4096, Math.max(16, Math.floor(60_000 / columns)))
  return `SETTINGS
  max_block_size = ${rowsInBlock},
  ${inItsOrder},
  max_ast_elements = 10000000,
  max_expanded_ast_elements = 10000000`
}

/** Counts lines in a piece of bytes, at most `most`: their number, and the length of the bytes that they take. */
export function takeLines(bytes: Buffer, max = Infinity): { lines: number; length: number } {
  let lines = 0
  let length = 0
  while (lines < max) {
    const end = bytes.indexOf(0x0a, length)
    if (end === -1) break
    length = end + 1
    lines += 1
  }
  return { lines, length }
}

/** The same bytes as a Buffer, not copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
