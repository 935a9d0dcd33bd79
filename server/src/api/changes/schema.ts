import { z } from 'zod'

/** One value, a comma-joined one, or the parameter several times. */
const names = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((given) =>
    [given]
      .flat()
      .flatMap((text) => text.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )

export const changesParams = z.object({ collection: z.string() })

export const changesQuery = z.object({
  cursor: z.string().optional().describe('X-Next-Cursor of the page before; none: from the start'),
  limit: z.coerce.number().int().min(1).max(100_000).default(1000).describe('Most changes in a page, 1 to 100,000'),
  fields: names.describe('Fields to give, separated by commas; all by default. Key and sequence always come'),
  format: z.enum(['ndjson', 'parquet']).optional().describe('In the place of the Accept header; ndjson by default'),
  compression: z
    .enum(['gzip', 'zstd', 'none'])
    .optional()
    .describe('NDJSON: in the place of Accept-Encoding. Parquet: of its own pages, zstd by default'),
  wait: z.coerce
    .number()
    .min(0)
    .max(60)
    .default(0)
    .describe('Seconds to wait for a change when there is none, 0 to 60'),
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
  collections: names
    .transform((given) => (given.length > 0 ? given : ['calls']))
    .describe('Collections to follow, separated by commas; calls by default')
    .meta({ examples: ['calls,turns'] }),
  callId: z
    .string()
    .optional()
    .transform((given) => given || undefined)
    .describe('Only this call and what belongs to it'),
  cursor: z
    .string()
    .optional()
    .describe(
      'Where to go on: the last id of a stream, or X-Next-Cursor of the pages of the one collection asked for; none: from now on. Last-Event-ID counts before it',
    ),
})

/** The answer that does not end. */
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
