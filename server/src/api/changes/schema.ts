import { z } from 'zod'
import { anyText, decimal, listOf, oneOf, optional, wholeNumber, withDefault } from '../http/parameters.ts'

export const changesParams = z.object({ collection: z.string() })

export const changesQuery = z.object({
  cursor: optional(anyText).describe('X-Next-Cursor of the page before; none: from the start'),
  limit: withDefault(wholeNumber(1, 100_000), 1000).describe('Most changes in a page, 1 to 100,000'),
  fields: listOf(z.string()).describe(
    'Fields to give, separated by commas; all by default. Key and sequence always come',
  ),
  format: optional(oneOf(['ndjson', 'parquet'])).describe('In the place of the Accept header; ndjson by default'),
  compression: optional(oneOf(['gzip', 'zstd', 'none'])).describe(
    'NDJSON: in the place of Accept-Encoding. Parquet: of its own pages, zstd by default',
  ),
  wait: withDefault(decimal(0, 60), 0).describe('Seconds to wait for a change when there is none, 0 to 60'),
})

/** The answer. */
export const changesFile = {
  description: 'Changes, with X-Next-Cursor and X-Has-More',
  content: {
    'application/x-ndjson': { schema: z.string().describe('A JSON object in each line') },
    'application/vnd.apache.parquet': { schema: z.any().describe('A Parquet file') },
  },
}

const streamExample = `retry: 2000

event: live
id: WzEsIioiLDQxLDE3Nzg3NjQ4MDAwMDBd
data: {}

event: calls
id: WzEsIioiLDQyLDE3Nzg3NjQ4MDAwMDBd
data: {"id":"c-1","channel":"phone","status":"active","startedAt":"2026-05-14T13:20:01.000Z","number":7,"createdAt":"2026-05-14T13:20:01.512Z","updatedAt":"2026-05-14T13:20:01.512Z","sequence":42}

: still here
id: WzEsIioiLDQyLDE3Nzg3NjQ4MTUwMDBd

`

export const streamQuery = z.object({
  collections: listOf(z.string())
    .transform((given) => (given.length > 0 ? given : ['calls']))
    .describe('Collections to follow, separated by commas; calls by default')
    .meta({ examples: ['calls,turns'] }),
  callId: optional(anyText).describe('Only this call and what belongs to it'),
  cursor: optional(anyText).describe(
    'Where to go on: the last id of a stream, or X-Next-Cursor of the pages of the one collection asked for; none: from now on. Last-Event-ID counts before it',
  ),
})

/** The answer of a stream. */
export const streamAnswer = {
  description: 'Server-Sent Events',
  content: {
    'text/event-stream': {
      schema: z
        .string()
        .describe('Events: each collection by its name, live, end; and comments while nothing changes')
        .meta({ examples: [streamExample] }),
    },
  },
}
