import { instantRange, isInstant } from '../instant.ts'
import {
  assigned,
  attributes,
  between,
  boolean,
  count,
  field,
  id,
  integer,
  integers,
  language,
  number,
  objects,
  offsetMs,
  oneOf,
  required,
  seconds,
  string,
  strings,
  text,
  time,
} from '../fields.ts'
import { millisecondsOf } from '../wholeUnits.ts'
import type { Collection, Values } from './collection.ts'

const callStatuses = ['active', 'completed', 'escalated', 'failed', 'abandoned'] as const

/** One conversation between a customer and the contact centre. */
export const calls: Collection = {
  name: 'calls',
  table: 'calls',
  key: 'id',
  isPart: false,
  fields: [
    required('id', id, "The sender's id."),
    required(
      'channel',
      oneOf('phone', 'mobile', 'widget', 'video', 'chat', 'email', 'sms', 'task'),
      'How the customer reached the contact centre.',
    ),
    field('direction', oneOf('inbound', 'outbound'), 'Who began it; inbound unless said.'),
    required('status', oneOf(...callStatuses), 'Where the call stands, or how it ended.'),
    field('outcome', string, 'What came of it, e.g. completed, transferred, no_answer.'),
    field(
      'phase',
      oneOf(
        'INPUT_READY',
        'ACCEPTED',
        'WAITING',
        'QUEUED',
        'FETCHING',
        'FETCHED',
        'PROCESSING',
        'DONE',
        'STOPPED',
        'RECOMPUTING',
        'ERROR',
      ),
      'Progress of transcription and analysis; PROCESSING while active, else DONE, unless said.',
    ),
    required('startedAt', time, 'Start of the call.'),
    field('endedAt', time, 'End of the call; start plus duration unless said, once it has ended.'),
    field('durationSeconds', seconds, 'Conversation seconds; end minus start unless said.'),
    field('externalEndpoint', string, "The customer's number or address (E.164 for phones)."),
    field('internalEndpoint', string, 'The number or address reached.'),
    field('identity', string, 'Customer identity, e.g. a tax id or contract.'),
    field('language', language, 'Language of the talk (BCP 47).'),
    field('campaignId', id, 'Its campaign.'),
    field('callCenterId', id, 'Its call centre.'),
    field('queueId', id, 'Its queue.'),
    field('agentId', id, 'Its agent.'),
    field('customerId', id, 'Its customer.'),
    field('engagementId', id, 'The programme of work that the call belongs to; not an engagement record.'),
    field('flowVersion', string, 'Version of the bot flow that handled it.'),
    field('transferFunction', string, 'Function that triggered a transfer to a human.'),
    field('transferDestination', string, 'Where it was transferred, e.g. Internal, Agency.'),
    field('requesterId', integer, "The ticket system's requester."),
    field('requesterName', string, "The requester's name."),
    field('ticketsCreated', integers, 'Tickets that the call created.'),
    field('toolsUsed', strings, 'Tools that the agent used.'),
    field('authenticated', boolean, 'Whether the customer was authenticated; false unless said.'),
    field('escalated', boolean, 'Whether it went to a human; true when the status is escalated, unless said.'),
    field('sentiment', oneOf('positive', 'neutral', 'negative'), "The customer's sentiment."),
    field('sentimentScore', between(-1, 1), 'The same as a number.'),
    field('tags', strings, 'Tags.'),
    field('keywords', strings, 'Keywords found.'),
    field('topics', strings, 'Topics or intents found.'),
    field('resolved', boolean, 'Whether the matter was resolved, where that is known.'),
    field('incidents', count, 'Count of incidents, e.g. talking over each other.'),
    field(
      'wordCloud',
      objects({ phrase: { ...string, required: true }, freq: { ...number, required: true } }),
      'Frequent phrases.',
    ),
    field('notes', text, 'Call notes or summary; may hold line breaks.'),
    field('audioChannels', count, 'Channels of the recording.'),
    field('speakerChannels', count, 'Channels with a speaker.'),
    field('agentAudioChannel', oneOf('left', 'right'), "The agent's channel."),
    field('speechSessionId', string, 'Session of the speech analysis.'),
    field('voicebotAppId', string, 'The voicebot application.'),
    field('voicebotSessionId', string, "The voicebot's session."),
    field('originatingCallId', string, 'The call that launched this one.'),
    field('callCenterCallId', string, "The call's continuation at the call centre."),
    field(
      'dtmfEvents',
      objects({ dtmf: { ...string, required: true }, timestamp: { ...offsetMs, required: true }, channel: string }),
      'Keys pressed; timestamp in ms from the start.',
    ),
    field(
      'markers',
      objects({ time: { ...offsetMs, required: true }, type: { ...string, required: true }, note: text }),
      'Marked moments; time in ms from the start.',
    ),
    field('dailyRepeatCalls', count, 'Earlier calls of the same external endpoint in the 24 hours before the start.'),
    field('attributes', attributes, "The sender's own fields."),
    assigned('recordingId', id, 'Its recording, a UUID made at upload; absent without one.'),
    assigned('recordingFormat', string, 'Format of the recording: ogg, wav, mp3, webm, mp4 or flac.'),
    assigned('recordingDurationSeconds', seconds, 'Length of the recording, where it is known.'),
    assigned('recordingBytes', { ...integer, min: 0 }, 'Size of the recording.'),
    assigned('recordingStoredAt', time, 'When the recording was uploaded.'),
    assigned('legalHold', boolean, 'Whether a legal hold keeps the call from being deleted; absent: no.'),
  ],
  derive: deriveCall,
  check: checkCall,
}

/** Defaults of a call; `dailyRepeatCalls` needs other calls and is derived where they are known. */
function deriveCall(sent: Values): Values {
  const derived: Values = {}
  const isActive = sent['status'] === 'active'
  if (sent['direction'] === undefined) derived['direction'] = 'inbound'
  if (sent['phase'] === undefined) derived['phase'] = isActive ? 'PROCESSING' : 'DONE'
  if (sent['authenticated'] === undefined) derived['authenticated'] = false
  if (sent['escalated'] === undefined) derived['escalated'] = sent['status'] === 'escalated'
  const { startedAt, endedAt, durationSeconds } = sent
  if (endedAt === undefined && durationSeconds !== undefined && !isActive) {
    derived['endedAt'] = Number(startedAt) + millisecondsOf(Number(durationSeconds))
  }
  if (durationSeconds === undefined && endedAt !== undefined) {
    derived['durationSeconds'] = (Number(endedAt) - Number(startedAt)) / 1000
  }
  return derived
}

function checkCall(merged: Values): { field: string; message: string } | undefined {
  const { status, startedAt, endedAt, durationSeconds } = merged
  // A derived end must be in the range of the column, because otherwise the store would refuse the whole batch for
  // ever.
  if (endedAt !== undefined && !isInstant(Number(endedAt))) {
    return { field: 'durationSeconds', message: `startedAt plus durationSeconds ${instantRange}.` }
  }
  if (endedAt !== undefined && Number(endedAt) < Number(startedAt)) {
    return { field: 'endedAt', message: 'endedAt lies before startedAt; it must be the same instant or later.' }
  }
  if (Number(durationSeconds ?? 0) > seconds.max) {
    return { field: 'endedAt', message: `endedAt may lie at most ${seconds.max} seconds after startedAt.` }
  }
  if (status !== 'active' && endedAt === undefined && durationSeconds === undefined) {
    return { field: 'endedAt', message: `a call whose status is ${String(status)} needs endedAt or durationSeconds.` }
  }
  return undefined
}
