import type { OffsetTransition } from '../../domain/period.ts'
import { literal } from '../exports/formats/columns.ts'
import { quoted, quotedWhenFound } from '../exports/formats/csv.ts'
import {
  dtmfEventsJson,
  durationSeconds,
  joinedMarkers,
  joinedTexts,
  localTime,
  primaryLanguage,
  wordCloudJson,
} from './facts.ts'
import type { FeedAgent, FeedQueue } from './names.ts'
import type { PageText, PageLookups } from './pageText.ts'

/**
 * When a cell is quoted. `plain`: never. `text`: if it contains a special character; such cells are short and rarely
 * need quotes, so all of a row are first checked together. `long`: the same, checked separately. `always`: unless it is
 * NULL. `ready`: the expression yields one or more finished cells.
 */
type Quoting = 'plain' | 'text' | 'long' | 'always' | 'ready'

/** One or more adjacent columns. */
interface Cell {
  headers: string
  quoting: Quoting
  /** A String or NULL; NULL is an empty cell. */
  sql: string
}

function cellsOf({ account, transitions }: PageLookups): Cell[] {
  return [
    { headers: 'accountId', quoting: 'plain', sql: literal(account.accountUuid) },
    { headers: 'contextId', quoting: 'plain', sql: literal(account.contextUuid) },
    { headers: 'callId', quoting: 'plain', sql: 'toString(number)' },
    ...timeCells(transitions),
    { headers: 'duration', quoting: 'plain', sql: durationSeconds },
    { headers: 'direction', quoting: 'plain', sql: 'direction' },
    { headers: 'externalEndpoint', quoting: 'text', sql: 'external_endpoint' },
    { headers: 'internalEndpoint', quoting: 'text', sql: 'internal_endpoint' },
    { headers: 'recording', quoting: 'plain', sql: 'recording_id' },
    { headers: 'saSessionId', quoting: 'text', sql: 'speech_session_id' },
    { headers: 'agent.id,agent.email,agent.name,agent.userId', quoting: 'ready', sql: agentCells },
    { headers: 'agent.channel', quoting: 'plain', sql: 'agent_audio_channel' },
    { headers: 'queue.id,queue.name', quoting: 'ready', sql: queueCells },
    { headers: 'sentiment', quoting: 'plain', sql: 'toString(sentiment_score)' },
    { headers: 'crAnswersId', quoting: 'text', sql: 'evaluation_form_id' },
    { headers: 'score', quoting: 'plain', sql: 'toString(evaluation_score)' },
    { headers: 'reviewStatus', quoting: 'text', sql: 'evaluation_review_status' },
    { headers: 'reviewNotes', quoting: 'long', sql: 'evaluation_review_notes' },
    { headers: 'notes', quoting: 'long', sql: 'notes' },
    { headers: 'tags', quoting: 'text', sql: 'joined_tags' },
    { headers: 'keywords', quoting: 'text', sql: 'joined_keywords' },
    { headers: 'topics', quoting: 'text', sql: 'joined_topics' },
    { headers: 'isCallResolved', quoting: 'plain', sql: 'toString(resolved)' },
    { headers: 'incidents', quoting: 'plain', sql: 'toString(incidents)' },
    { headers: 'wordCloud', quoting: 'always', sql: wordCloudJson },
    { headers: 'numAudioChannels', quoting: 'plain', sql: 'toString(audio_channels)' },
    { headers: 'numSpkChannels', quoting: 'plain', sql: 'toString(speaker_channels)' },
    { headers: 'version', quoting: 'plain', sql: "'2'" },
    { headers: 'aivrAppId', quoting: 'text', sql: 'voicebot_app_id' },
    { headers: 'aivrSessionId', quoting: 'text', sql: 'voicebot_session_id' },
    { headers: 'originatingCallId', quoting: 'text', sql: 'originating_call_id' },
    { headers: 'progressPhase', quoting: 'plain', sql: 'phase' },
    { headers: 'aivrTransferDestType', quoting: 'text', sql: 'transfer_destination' },
    { headers: 'callCenterCallId', quoting: 'text', sql: 'call_center_call_id' },
    { headers: 'language', quoting: 'text', sql: 'primary_language' },
    { headers: 'dtmfEvents', quoting: 'always', sql: dtmfEventsJson },
    { headers: 'dailyRepeatCalls', quoting: 'plain', sql: 'toString(daily_repeat_calls)' },
    { headers: 'markers', quoting: 'always', sql: joinedMarkers },
  ]
}

function timeCells(transitions: readonly OffsetTransition[]): Cell[] {
  return [
    { headers: 'startTime', quoting: 'plain', sql: localTime('started_at', transitions) },
    { headers: 'endTime', quoting: 'plain', sql: localTime('ended_at', transitions) },
  ]
}

// Agents and queues are few and rows are many, so their cells are rendered once and looked up by id. Ids never need
// quotes.
const agentCells =
  "transform(ifNull(agent_id, ''), {agentIds:Array(String)}, {agentTexts:Array(String)}, concat(agent_id, ',,', agent_id, ','))"
const queueCells =
  "transform(ifNull(queue_id, ''), {queueIds:Array(String)}, {queueTexts:Array(String)}, concat(queue_id, ',', queue_id))"

/** Renders a page as CSV: RFC 4180 in UTF-8 without a byte order mark, a header row, then one line per call. */
export function csvPage(lookups: PageLookups): PageText {
  const cells = cellsOf(lookups)
  return {
    contentType: 'text/csv; charset=utf-8',
    head: `${cells.map(({ headers }) => headers).join(',')}\r\n`,
    line: lineOf(cells),
    tail: '',
    parameters: {
      agentIds: ['', ...lookups.agents.map(({ id }) => id)],
      agentTexts: [',,,', ...lookups.agents.map(agentText)],
      queueIds: ['', ...lookups.queues.map(({ id }) => id)],
      queueTexts: [',', ...lookups.queues.map(queueText)],
    },
  }
}

function agentText({ shownId, email = '', name, userId = '' }: FeedAgent): string {
  return [shownId, email, name, userId].map(quoted).join(',')
}

function queueText({ id, name }: FeedQueue): string {
  return [id, name].map(quoted).join(',')
}

/** Renders a row as one string. Checking all short texts of a row together avoids most of the cost of quoting. */
function lineOf(cells: readonly Cell[]): string {
  const texts = cells.filter(({ quoting }) => quoting === 'text').map(({ sql }) => sql)
  return `
    WITH
      -- Named, because planning takes an expression that comes twice twice as long.
      ${joinedTexts('tags')} AS joined_tags,
      ${joinedTexts('keywords')} AS joined_keywords,
      ${joinedTexts('topics')} AS joined_topics,
      ${primaryLanguage} AS primary_language,
      match(arrayStringConcat([${texts.join(', ')}]), ${needsQuotes}) AS a_text_asks,
      arrayMap(cell -> ifNull(cell, ''), [
        ${cells.map(cellSql).join(',\n        ')}
      ]) AS cells
    SELECT concat(
      if(
        a_text_asks,
        arrayStringConcat(
          arrayMap(
            (cell, is_text) -> if(is_text AND match(cell, ${needsQuotes}), ${withQuotes('cell')}, cell),
            cells,
            [${cells.map(({ quoting }) => (quoting === 'text' ? 1 : 0)).join(', ')}]
          ),
          ','
        ),
        arrayStringConcat(cells, ',')
      ),
      '\\r\\n'
    )`
}

function cellSql({ quoting, sql }: Cell): string {
  if (quoting === 'long') return `if(match(${sql}, ${needsQuotes}), ${withQuotes(sql)}, ${sql})`
  return quoting === 'always' ? withQuotes(sql) : sql
}

// The characters stand in a regular-expression class, where none of them has a special meaning.
const needsQuotes = literal(`[${quotedWhenFound.join('')}]`)

function withQuotes(cell: string): string {
  return `concat('"', replaceAll(${cell}, '"', '""'), '"')`
}
