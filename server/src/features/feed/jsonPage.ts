import { literal } from '../exports/formats/columns.ts'
import {
  dtmfEventsJson,
  durationSeconds,
  instantJson,
  listJson,
  markersJson,
  primaryLanguage,
  wordCloudJson,
} from './facts.ts'
import type { FeedAgent, FeedQueue } from './names.ts'
import type { PageText, PageLookups } from './pageText.ts'

/**
 * A value by its name in JSON. `text` is rendered as a JSON string, `json` is rendered already; NULL and empty values
 * are left out.
 */
type Fact = [name: string, kind: 'text' | 'json', sql: string]

function factsOf({ account }: PageLookups): Fact[] {
  return [
    ['accountId', 'text', literal(account.accountUuid)],
    ['contextId', 'text', literal(account.contextUuid)],
    ['callId', 'text', 'toString(number)'],
    ['startTime', 'json', instantJson('started_at')],
    ['endTime', 'json', instantJson('ended_at')],
    ['duration', 'json', durationSeconds],
    ['direction', 'text', 'direction'],
    ['externalEndpoint', 'text', 'external_endpoint'],
    ['internalEndpoint', 'text', 'internal_endpoint'],
    ['recording', 'text', 'recording_id'],
    ['saSessionId', 'text', 'speech_session_id'],
    ['agent', 'json', agentJson],
    ['queue', 'json', queueJson],
    ['sentiment', 'json', 'toString(sentiment_score)'],
    ['crAnswersId', 'text', 'evaluation_form_id'],
    ['score', 'json', 'toString(evaluation_score)'],
    ['reviewStatus', 'text', 'evaluation_review_status'],
    ['reviewNotes', 'text', 'evaluation_review_notes'],
    ['notes', 'text', 'notes'],
    ['tags', 'json', listJson('tags')],
    ['keywords', 'json', listJson('keywords')],
    ['topics', 'json', listJson('topics')],
    ['callResolved', 'json', 'toString(resolved)'],
    ['incidents', 'json', 'toString(incidents)'],
    ['wordCloud', 'json', wordCloudJson],
    ['numAudioChannels', 'json', 'toString(audio_channels)'],
    ['numSpkChannels', 'json', 'toString(speaker_channels)'],
    ['version', 'json', "'2'"],
    ['aivrAppId', 'text', 'voicebot_app_id'],
    ['aivrSessionId', 'text', 'voicebot_session_id'],
    ['originatingCallId', 'text', 'originating_call_id'],
    ['progressPhase', 'text', 'phase'],
    ['aivrTransferDestType', 'text', 'transfer_destination'],
    ['callCenterCallId', 'text', 'call_center_call_id'],
    ['language', 'text', primaryLanguage],
    ['dtmfEvents', 'json', dtmfEventsJson],
    ['dailyRepeatCalls', 'json', 'toString(daily_repeat_calls)'],
    ['markers', 'json', markersJson],
  ]
}

/** The channel comes from the call; the rest of the agent is rendered beforehand. */
const agentJson = `if(
      isNull(agent_id) AND isNull(agent_audio_channel),
      NULL,
      concat(
        '{',
        arrayStringConcat(
          arrayFilter(part -> part != '', [
            transform(
              ifNull(agent_id, ''),
              {agentIds:Array(String)},
              {agentTexts:Array(String)},
              concat('"agentId":"', agent_id, '","name":"', agent_id, '"')
            ),
            if(isNull(agent_audio_channel), '', concat('"channel":', toJSONString(ifNull(agent_audio_channel, ''))))
          ]),
          ','
        ),
        '}'
      )
    )`

const queueJson = `if(
      isNull(queue_id),
      NULL,
      transform(
        ifNull(queue_id, ''),
        {queueIds:Array(String)},
        {queueTexts:Array(String)},
        concat('{"queueId":"', queue_id, '","name":"', queue_id, '"}')
      )
    )`

/** Renders a page as JSON: an array of calls without absent values. */
export function jsonPage(lookups: PageLookups): PageText {
  return {
    contentType: 'application/json; charset=utf-8',
    head: '[',
    line: lineOf(factsOf(lookups)),
    // Every line begins with a comma; that of the first line is removed.
    leftOut: 1,
    tail: ']',
    parameters: {
      agentIds: ['', ...lookups.agents.map(({ id }) => id)],
      agentTexts: ['', ...lookups.agents.map(agentText)],
      queueIds: ['', ...lookups.queues.map(({ id }) => id)],
      queueTexts: ['', ...lookups.queues.map(queueText)],
    },
  }
}

function agentText({ shownId, email, name, userId }: FeedAgent): string {
  return JSON.stringify({ agentId: shownId, email, name, userId }).slice(1, -1)
}

function queueText({ id, name }: FeedQueue): string {
  return JSON.stringify({ queueId: id, name })
}

function lineOf(facts: readonly Fact[]): string {
  return `
    SELECT concat(
      ',{',
      arrayStringConcat(
        arrayFilter(
          fact -> fact != '',
          arrayMap(
            (name, is_text, value) -> if(
              ifNull(value, '') = '',
              '',
              concat('"', name, '":', if(is_text, toJSONString(ifNull(value, '')), ifNull(value, '')))
            ),
            [${facts.map(([name]) => literal(name)).join(', ')}],
            [${facts.map(([, kind]) => (kind === 'text' ? 1 : 0)).join(', ')}],
            [
              ${facts.map(([, , sql]) => sql).join(',\n              ')}
            ]
          )
        ),
        ','
      ),
      '}'
    )`
}
