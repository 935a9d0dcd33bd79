import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls } from './fill.ts'
import { timed } from './measure.ts'

// What must be done to a data folder while no server runs on it, in a process of its own. Arguments: `fill` (calls, agents
// and queues into the tables) or `pages` (the engine's own time for the pages), folder, calls, calls in a page. Tells its
// parent the seconds.
const [task, directory = '', calls = '0', perPage = '0'] = process.argv.slice(2)
const config = loadConfig({ EARSHOT_DATA_DIR: directory, EARSHOT_LOG_LEVEL: 'error' })
const ports = await openPorts(config, openLog(config), () => {})

async function fill(): Promise<void> {
  await issueKey(ports, { account: 'bench', scopes: ['*'] })
  await fillCalls(ports.clickhouse, Number(calls))
  await ports.clickhouse.command(`
    INSERT INTO agents (account_id, id, name, email, external_id, user_id, seq, created_at, updated_at, batch)
    SELECT 1, concat('agent-', toString(number)), concat('Agente ', toString(number)),
      concat('agente', toString(number), '@example.com'), toString(436000 + number), toString(generateUUIDv4()),
      number, now64(3), now64(3), 1
    FROM numbers(200)`)
  await ports.clickhouse.command(`
    INSERT INTO queues (account_id, id, name, seq, created_at, updated_at, batch)
    SELECT 1, concat('queue-', toString(number)), concat('Cola ', toString(number)), number, now64(3), now64(3), 1
    FROM numbers(30)`)
  await ports.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
    VALUES (1, ${Number(calls)}, ${Number(calls)}, ${Number(calls)})`)
}

const columns = `number, started_at, ended_at, duration_seconds, direction, external_endpoint, internal_endpoint,
  recording_id, speech_session_id, agent_id, agent_audio_channel, queue_id, sentiment_score, evaluation_form_id,
  evaluation_score, evaluation_review_status, evaluation_review_notes, notes, tags, keywords, topics, resolved, incidents,
  word_cloud, audio_channels, speaker_channels, voicebot_app_id, voicebot_session_id, originating_call_id, phase,
  transfer_destination, call_center_call_id, language, dtmf_events, daily_repeat_calls, markers`

/** Every page as the engine's own CSV of the columns as they are: no names, no other order of bytes, no HTTP. */
async function pages(): Promise<void> {
  for (let from = 0; from < Number(calls); from += Number(perPage)) {
    const query = `
      SELECT ${columns}
      FROM calls FINAL
      WHERE account_id = 1
        AND removed = 0
        AND number > ${from}
        AND number <= ${from + Number(perPage)}
      ORDER BY number`
    for await (const chunk of ports.clickhouse.stream(query, 'CSV')) void chunk
  }
}

if (task === 'pages') await pages()
const milliseconds = await timed(task === 'fill' ? fill : pages)
await ports.close()
process.send?.({ seconds: milliseconds / 1000 })
process.disconnect?.()
