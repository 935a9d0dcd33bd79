import type { Ports } from '../src/ports.ts'
import { sql, sqlScript } from '../src/store/postgres/postgres.ts'
import { medianTime } from './measure.ts'

const atOnce = 20_000

const columns = `number bigint, ended_at timestamptz, campaign_id text, call_center_id text, engagement_id text,
  agent_id text, duration_seconds double precision, escalated boolean, resolved boolean, has_evaluation boolean,
  evaluation_status text, evaluation_score double precision, evaluation_sentiment text`

const figures = `count(*), count(*) FILTER (WHERE has_evaluation), count(*) FILTER (WHERE evaluation_status = 'evaluated'),
  avg(evaluation_score) FILTER (WHERE evaluation_status = 'evaluated'),
  count(*) FILTER (WHERE evaluation_sentiment = 'positive'), count(*) FILTER (WHERE evaluation_sentiment = 'neutral'),
  count(*) FILTER (WHERE evaluation_sentiment = 'negative'), avg(duration_seconds),
  avg(escalated::integer), avg(resolved::integer)`

const chosen = `FROM bench_calls
  WHERE account_id = 1 AND ended_at >= '2026-01-01T00:00:00Z' AND ended_at < '2027-01-01T00:00:00Z'`

const queries: Record<string, string> = {
  summary: `SELECT campaign_id, call_center_id, ${figures} ${chosen}
    GROUP BY GROUPING SETS ((), (campaign_id), (call_center_id))`,
  campaigns: `SELECT campaign_id, ${figures} ${chosen} GROUP BY campaign_id ORDER BY count(*) DESC, campaign_id`,
  executives: `SELECT agent_id, ${figures} ${chosen} GROUP BY agent_id ORDER BY count(*) DESC, agent_id`,
  'daily trend': `SELECT date_trunc('day', ended_at, 'UTC') AS day, ${figures} ${chosen} GROUP BY day ORDER BY day`,
  'daily trend in Santiago': `SELECT date_trunc('day', ended_at, 'America/Santiago') AS day, ${figures} ${chosen}
    GROUP BY day ORDER BY day`,
}

/** Milliseconds of PostgreSQL's own queries over the same calls, with an index that holds all they need. */
export async function postgresTimes({ clickhouse, postgres }: Ports): Promise<Record<string, number>> {
  await postgres.run(sqlScript(`CREATE TABLE bench_calls (account_id integer NOT NULL, ${columns})`))
  const names = columns.split(',').map((column) => column.trim().split(' ')[0])
  for (let last = 0; ;) {
    const rows = await clickhouse.rows<{ number: number }>(
      `SELECT * REPLACE (concat(replaceOne(toString(ended_at), ' ', 'T'), 'Z') AS ended_at)
       FROM
       (
         SELECT ${names.join(', ')}
         FROM calls FINAL
         WHERE account_id = 1 AND removed = 0 AND status != 'active' AND number > {last:UInt64}
         ORDER BY number
         LIMIT ${atOnce}
       )`,
      { last },
    )
    if (rows.length === 0) break
    const { text } = sqlScript(`INSERT INTO bench_calls SELECT 1, sent.* FROM jsonb_to_recordset(`)
    await postgres.run(sql`${sqlScript(text)}${JSON.stringify(rows)}::jsonb) AS sent (${sqlScript(columns)})`)
    last = rows.at(-1)?.number ?? last
  }
  const included = names.filter((name) => name !== 'number' && name !== 'ended_at').join(', ')
  await postgres.run(sqlScript(`CREATE INDEX ON bench_calls (account_id, ended_at) INCLUDE (${included})`))
  await postgres.run(sqlScript('VACUUM ANALYZE bench_calls'))
  const times: Record<string, number> = {}
  for (const [name, query] of Object.entries(queries)) {
    times[name] = await medianTime(() => postgres.query(sqlScript(query)), 3)
  }
  return times
}
