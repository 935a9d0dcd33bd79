import { Readable } from 'node:stream'
import { createClient } from '@clickhouse/client'
import type { ClickHouse } from './clickhouse.ts'
import { sessionSettings } from './clickhouse.ts'

/** ClickHouse on a server, over HTTP. */
export function openServerClickHouse(url: string): ClickHouse {
  const client = createClient({
    url,
    application: 'earshot',
    max_open_connections: 16,
    request_timeout: 600_000,
    // Thousands of ids do not fit into an address.
    use_multipart_params_auto: true,
    // The server answers once the whole result stands: a query that fails on its way is an error, not half a file.
    clickhouse_settings: { ...sessionSettings, wait_end_of_query: 1 },
  })
  return {
    async rows(query, parameters) {
      const result = await client.query({ query, format: 'JSONEachRow', query_params: parameters })
      return result.json()
    },
    async *stream(query, format, parameters) {
      const { stream } = await client.exec({
        query: `${query}\nFORMAT ${format}`,
        query_params: parameters,
      })
      for await (const chunk of stream) yield chunk
    },
    async command(query, parameters) {
      await client.command({ query, query_params: parameters })
    },
    async insert(table, columns, lines) {
      const { stream } = await client.exec({
        query: `INSERT INTO ${table} (${columns.join(', ')}) FORMAT JSONCompactEachRow`,
        values: Readable.from([lines], { objectMode: false }),
      })
      stream.resume()
    },
    close: () => client.close(),
  }
}
