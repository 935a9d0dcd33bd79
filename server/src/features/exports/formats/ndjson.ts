import { asBuffer, type Format, type Selection, takeLines } from './format.ts'
import { typedRows } from './typedRows.ts'

/** One JSON object a line: numbers, booleans and lists as such, instants as RFC 3339 texts, what is absent as null. */
export const ndjsonFormat: Format = {
  name: 'ndjson',
  contentType: 'application/x-ndjson; charset=utf-8',
  extension: 'ndjson',
  write: writeLines,
}

async function* writeLines(selection: Selection): AsyncIterable<Uint8Array> {
  const { clickhouse, rowCount, signal, onRows } = selection
  const statement = typedRows(selection, {
    date_time_output_format: "'iso'",
    output_format_json_escape_forward_slashes: '0',
    // One thread renders as fast as the file is written, and holds no finished pieces.
    output_format_parallel_formatting: '0',
  })
  let written = 0
  for await (const piece of clickhouse.stream(statement, 'JSONEachRow')) {
    signal.throwIfAborted()
    written += takeLines(asBuffer(piece)).lines
    onRows(written)
    yield piece
  }
  onRows(rowCount)
}
