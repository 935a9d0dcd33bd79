import { sql, type Sql } from '../src/store/postgres/postgres.ts'

/** A table of the peer: how it is made, which columns senders write, and the schema that their records must fit. */
export interface PeerTable {
  columns: string
  setUp: string[]
  schema: object
}

const id = { type: 'string', pattern: '^[A-Za-z0-9_.:-]{1,128}$' }
const text = { type: 'string', maxLength: 256 }
const longText = { type: 'string', maxLength: 65_536 }
const time = { type: 'string', pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$` }
const share = { type: 'number', minimum: -1, maximum: 1 }
const texts = { type: 'array', items: text, maxItems: 1000 }

const callColumns = `id text, channel text, direction text, status text, outcome text, "startedAt" timestamptz,
  "durationSeconds" double precision, "externalEndpoint" text, "internalEndpoint" text, identity text,
  "campaignId" text, "callCenterId" text, "agentId" text, "flowVersion" text, sentiment text,
  "sentimentScore" double precision, topics jsonb, resolved boolean, notes text, attributes jsonb`
const turnColumns = `id text, "callId" text, participant text, text text, at timestamptz, "durationMs" double precision,
  type text, sentiment double precision, confidence double precision, language text`

/** The tables with the keys and indexes that the same questions need: by id, in the order of change, by time, by caller. */
export const peerTables: Record<'calls' | 'turns', PeerTable> = {
  calls: {
    columns: callColumns,
    setUp: [
      'CREATE SEQUENCE calls_changes',
      `CREATE TABLE calls (account_id integer, number bigint GENERATED ALWAYS AS IDENTITY, change bigint, updated_at timestamptz, ${callColumns}, PRIMARY KEY (account_id, id))`,
      'CREATE UNIQUE INDEX ON calls (account_id, number)',
      'CREATE INDEX ON calls (account_id, change)',
      'CREATE INDEX ON calls (account_id, "startedAt")',
      'CREATE INDEX ON calls (account_id, "externalEndpoint", "startedAt")',
    ],
    schema: {
      type: 'object',
      required: ['id'],
      additionalProperties: false,
      properties: {
        id,
        channel: { enum: ['phone', 'mobile', 'widget', 'video', 'chat', 'email', 'sms', 'task'] },
        direction: { enum: ['inbound', 'outbound'] },
        status: { enum: ['active', 'completed', 'escalated', 'failed', 'abandoned'] },
        outcome: text,
        startedAt: time,
        durationSeconds: { type: 'number', minimum: 0 },
        externalEndpoint: text,
        internalEndpoint: text,
        identity: text,
        campaignId: id,
        callCenterId: id,
        agentId: id,
        flowVersion: text,
        sentiment: { enum: ['positive', 'neutral', 'negative'] },
        sentimentScore: share,
        topics: texts,
        resolved: { type: 'boolean' },
        notes: longText,
        attributes: { type: 'object', additionalProperties: { type: ['string', 'number'] }, maxProperties: 100 },
      },
    },
  },
  turns: {
    columns: turnColumns,
    setUp: [
      'CREATE SEQUENCE turns_changes',
      `CREATE TABLE turns (account_id integer, change bigint, updated_at timestamptz, ${turnColumns}, PRIMARY KEY (account_id, id))`,
      'CREATE INDEX ON turns (account_id, change)',
      'CREATE INDEX ON turns (account_id, "callId", at)',
    ],
    schema: {
      type: 'object',
      required: ['id', 'callId'],
      additionalProperties: false,
      properties: {
        id,
        callId: id,
        participant: { enum: ['agent', 'customer', 'bot', 'participant'] },
        text: longText,
        at: time,
        durationMs: { type: 'number', minimum: 0 },
        type: text,
        sentiment: share,
        confidence: { type: 'number', minimum: 0, maximum: 1 },
        language: text,
      },
    },
  },
}

/** The upsert of many records as one JSON array; a field that was not sent keeps its value, as ingestion has it. */
export function upsertStatement(name: string, { columns }: PeerTable): (records: string) => Sql {
  const names = columns.split(',').map((column) => column.trim().split(' ')[0] ?? '')
  const updates = names.map((column) => `${column} = coalesce(excluded.${column}, ${name}.${column})`)
  // Split where the value goes, as the tag would have it.
  const parts = [
    `INSERT INTO ${name} (account_id, change, updated_at, ${names.join(', ')})
     SELECT 1, nextval('${name}_changes'), now(), ${names.join(', ')}
     FROM jsonb_to_recordset(`,
    `::jsonb) AS sent (${columns})
     ON CONFLICT (account_id, id) DO UPDATE
     SET ${updates.join(', ')}, change = excluded.change, updated_at = excluded.updated_at`,
  ]
  return (records) => sql(Object.assign([...parts], { raw: parts }), records)
}
