import { z } from 'zod'
import { pageExample, recordingUrlExample } from './examples.ts'
import { namedPeriods } from '../../features/feed/feedRequest.ts'
import { flag, listOf, oneOf, optional, text, wholeNumber, withDefault } from '../http/parameters.ts'

const maxPages = 1_000_000_000
const maxPerPage = 10_000

const filterValue = z.string().max(256, { error: 'is too long' })
const sortField = oneOf(['time', 'score', 'documentId'])
const sortDirection = oneOf(['asc', 'desc'])

/** Lists may be named with or without `[]`. Unlisted parameters are ignored. */
export const feedQuery = z.object({
  format: optional(oneOf(['json', 'csv'])).describe('json by default; without it, `Accept: text/csv` asks for CSV'),
  consecutive: optional(flag).describe(
    'By callId, up to the first call that is neither DONE nor ERROR; not with sort_by, sort_dir',
  ),
  afterCallId: withDefault(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0).describe('Only calls with a higher callId'),
  fromTime: optional(text(1, 32))
    .describe('RFC 3339: calls that started then or later; without an offset in the account’s zone')
    .meta({ examples: ['2020-07-21T00:00:00Z'] }),
  toTime: optional(text(1, 32))
    .describe('RFC 3339: calls that started before')
    .meta({ examples: ['2020-07-21T19:32:28Z'] }),
  period: optional(oneOf(namedPeriods)).describe('In the account’s time zone, together with the other limits'),
  aivrAppId: listOf(filterValue).describe('Voicebot applications'),
  agentId: listOf(filterValue).describe('Agents, by id or user id'),
  queueId: listOf(filterValue).describe('Queues'),
  internalEndpoint: listOf(filterValue).describe('Numbers or addresses reached'),
  direction: optional(oneOf(['inbound', 'outbound'])),
  voicemail: optional(flag).describe('Whether the call has a marker VM_START'),
  page: withDefault(wholeNumber(1, maxPages), 1),
  per_page: withDefault(wholeNumber(1, maxPerPage), 50),
  sort_by: listOf(sortField).describe('time, score or documentId; documentId by default'),
  sort_dir: listOf(sortDirection).describe('asc or desc, one for each sort_by; asc by default'),
  inclSegments: optional(flag).describe('Taken and without effect: calls here have no segments'),
  contextId: optional(text(16, 48)).describe('Taken and without effect: the key says whose calls they are'),
})

/** A call of the feed; absent facts are omitted. */
const feedCall = z.strictObject({
  accountId: z.uuid(),
  contextId: z.uuid(),
  callId: z.string().regex(/^\d+$/),
  startTime: z.iso.datetime(),
  endTime: z.iso.datetime().optional(),
  duration: z.number().optional().describe('Whole seconds'),
  direction: z.enum(['inbound', 'outbound']),
  externalEndpoint: z.string().optional(),
  internalEndpoint: z.string().optional(),
  recording: z.string().optional(),
  saSessionId: z.string().optional(),
  agent: z
    .strictObject({
      agentId: z.string().optional(),
      email: z.string().optional(),
      name: z.string().optional(),
      userId: z.string().optional(),
      channel: z.enum(['left', 'right']).optional(),
    })
    .optional(),
  queue: z.strictObject({ queueId: z.string(), name: z.string() }).optional(),
  sentiment: z.number().optional(),
  crAnswersId: z.string().optional(),
  score: z.number().optional(),
  reviewStatus: z.string().optional(),
  reviewNotes: z.string().optional(),
  notes: z.string().optional(),
  tags: z.array(z.string()).optional(),
  keywords: z.array(z.string()).optional(),
  topics: z.array(z.string()).optional(),
  callResolved: z.boolean().optional(),
  incidents: z.int().optional(),
  wordCloud: z
    .array(z.strictObject({ phrase: z.string(), freq: z.number() }))
    .max(100)
    .optional(),
  numAudioChannels: z.int().optional(),
  numSpkChannels: z.int().optional(),
  version: z.literal(2),
  aivrAppId: z.string().optional(),
  aivrSessionId: z.string().optional(),
  originatingCallId: z.string().optional(),
  progressPhase: z.string(),
  aivrTransferDestType: z.string().optional(),
  callCenterCallId: z.string().optional(),
  language: z.string().optional(),
  dtmfEvents: z
    .array(z.strictObject({ dtmf: z.string(), timestamp: z.number(), channel: z.string().optional() }))
    .optional(),
  dailyRepeatCalls: z.int().optional(),
  markers: z.array(z.strictObject({ time: z.number(), type: z.string(), note: z.string().nullable() })).optional(),
})

export const recordingParams = z.object({ recordingId: z.string() })
export const recordingUrl = z.strictObject({ url: z.url() }).meta({ examples: [recordingUrlExample] })

export const feedAnswer = z.array(feedCall).meta({ examples: [pageExample] })
export const feedFile = z.string().describe('A line of column names, then a line for each call')
export const failureAnswer = z.strictObject({ error: z.strictObject({ reason: z.string(), detail: z.string() }) })
