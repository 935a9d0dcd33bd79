import type { Format, Selection } from './format.ts'
import { typedRows } from './typedRows.ts'

/**
 * Apache Parquet, compressed within: numbers, booleans, lists and UTC times in milliseconds as such, what is absent as
 * null. Row groups are small and without bloom filters: with the engine's own 1,000,000 rows each, four million rows took
 * 970 MB of memory instead of 130.
 */
export const parquetFormat: Format = {
  name: 'parquet',
  contentType: 'application/vnd.apache.parquet',
  extension: 'parquet',
  write: writeParquet,
}

async function* writeParquet(selection: Selection): AsyncIterable<Uint8Array> {
  const { clickhouse, rowCount, signal, onRows } = selection
  const statement = typedRows(selection, {
    output_format_parquet_row_group_size: '50000',
    output_format_parquet_row_group_size_bytes: '33554432',
    output_format_parquet_write_bloom_filter: '0',
  })
  for await (const piece of clickhouse.stream(statement, 'Parquet')) {
    signal.throwIfAborted()
    yield piece
  }
  onRows(rowCount)
}
