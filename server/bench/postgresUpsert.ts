import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { openPostgres, sql, sqlScript, type Postgres } from '../src/store/postgres/postgres.ts'
import { rate, timed } from './measure.ts'
import { callBatches, turnBatches } from './records.ts'

/** The columns that the senders use, with the types that one would choose. */
const tables = {
  calls: {
    columns: `id text, channel text, direction text, status text, outcome text, "startedAt" timestamptz,
      "durationSeconds" double precision, "externalEndpoint" text, "internalEndpoint" text, identity text,
      "campaignId" text, "callCenterId" text, "agentId" text, "flowVersion" text,
      sentiment text, "sentimentScore" double precision, topics jsonb, resolved boolean,
      notes text, attributes jsonb`,
    index: '"startedAt"',
    batches: callBatches,
  },
  turns: {
    columns: `id text, "callId" text, participant text, text text, at timestamptz, "durationMs" double precision,
      type text, sentiment double precision, confidence double precision, language text`,
    index: '"callId", at',
    batches: turnBatches,
  },
}

/** Rows a second of PostgreSQL's own upsert of the same records, 10,000 a statement. */
export async function measureUpserts(
  directory: string,
  name: keyof typeof tables,
  senders: number,
  batches: number,
): Promise<number> {
  const engine = await ensureEmbeddedPostgres(directory, { info: () => {}, warn: () => {} })
  const postgres = await openPostgres(engine.options, { maxConnections: senders })
  try {
    const { columns, index, batches: batchesOf } = tables[name]
    await postgres.run(
      sqlScript(
        `CREATE TABLE ${name} (account_id integer, number bigint GENERATED ALWAYS AS IDENTITY, ${columns}, PRIMARY KEY (account_id, id))`,
      ),
    )
    await postgres.run(sqlScript(`CREATE INDEX ON ${name} (account_id, ${index})`))
    const bodies = Array.from({ length: senders }, (_, sender) =>
      [...batchesOf(sender, batches)].map((records) => JSON.stringify(records)),
    )
    const milliseconds = await timed(() => Promise.all(bodies.map((own) => upsertAll(postgres, name, own))))
    const [row] = await postgres.query<{ count: number }>(sqlScript(`SELECT count(*) AS count FROM ${name}`))
    if (!row || row.count < bodies.flat().length * 8000) throw new Error('PostgreSQL did not take every row.')
    return rate(bodies.flat().length * 10_000, milliseconds)
  } finally {
    await postgres.close()
    await engine.stopIfUnused()
  }
}

async function upsertAll(postgres: Postgres, name: keyof typeof tables, bodies: string[]): Promise<void> {
  const { columns } = tables[name]
  const names = columns.split(',').map((column) => column.trim().split(' ')[0] ?? '')
  // A field that was not sent keeps its value, as ingestion has it.
  const updates = names.map((column) => `${column} = coalesce(excluded.${column}, ${name}.${column})`)
  // Split where the value goes, as the tag would have it.
  const parts = [
    `INSERT INTO ${name} (account_id, ${names.join(', ')})
     SELECT 1, ${names.join(', ')}
     FROM jsonb_to_recordset(`,
    `::jsonb) AS sent (${columns})
     ON CONFLICT (account_id, id) DO UPDATE SET ${updates.join(', ')}`,
  ]
  for (const body of bodies) await postgres.run(sql(Object.assign(parts, { raw: parts }), body))
}
