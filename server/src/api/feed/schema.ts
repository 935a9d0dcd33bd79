import { z } from 'zod'
import { pageExample } from './examples.ts'
import { namedPeriods } from '../../features/feed/feedRequest.ts'

const mostPages = 1_000_000_000
const mostPerPage = 10_000

/** What is said of a value of a wrong type; a parameter that comes twice is a list. */
function wanted(right: string) {
  return ({ input }: { input?: unknown }) =>
    Array.isArray(input) ? `must be given once, as ${right}` : `must be ${right}`
}

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, { error: wanted(`one of ${values.join(', ')}`) }).optional()
}

/** `true` or `false` in small letters. */
const flag = oneOf('true', 'false').transform((text) => (text === undefined ? undefined : text === 'true'))

function wholeNumber(least: number, most: number) {
  const error = wanted(`a whole number from ${least} to ${most}`)
  return z
    .string({ error })
    .regex(/^\d{1,16}$/, { error })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `must be a whole number from ${least} to ${most}` })
}

function text(least: number, most: number) {
  const error = wanted(`a text of ${least} to ${most} characters`)
  return z.string({ error }).min(least, { error }).max(most, { error }).optional()
}

/** Repeated, joined with commas, or both. */
function listOf<Entry extends z.ZodType<string, string>>(entry: Entry, right: string) {
  const error = `must hold ${right}, without empty entries`
  return z
    .union([z.string(), z.array(z.string())])
    .optional()
    .transform((given) => [given ?? []].flat().flatMap((part) => part.split(',')))
    .pipe(z.array(entry, { error }))
}

const value = listOf(
  z.string().min(1, { error: 'must not be empty; leave it out for no filter' }).max(256, { error: 'is too long' }),
  'values',
)
const sortField = z.enum(['time', 'score', 'documentId'], { error: 'must be time, score or documentId' })
const sortDirection = z.enum(['asc', 'desc'], { error: 'must be asc or desc' })

/** Lists may be named with or without `[]`. Parameters that are not listed here are left alone. */
export const feedQuery = z.object({
  format: oneOf('json', 'csv').describe('json by default; without it, `Accept: text/csv` asks for CSV'),
  consecutive: flag.describe(
    'By callId, up to the first call that is neither DONE nor ERROR; not with sort_by, sort_dir',
  ),
  afterCallId: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0).describe('Only calls with a higher callId'),
  fromTime: text(1, 32)
    .describe('RFC 3339: calls that started then or later; without an offset in the account’s zone')
    .meta({ examples: ['2020-07-21T00:00:00Z'] }),
  toTime: text(1, 32)
    .describe('RFC 3339: calls that started before')
    .meta({ examples: ['2020-07-21T19:32:28Z'] }),
  period: oneOf(...namedPeriods).describe('In the account’s time zone, together with the other limits'),
  aivrAppId: value.describe('Voicebot applications'),
  'aivrAppId[]': value,
  agentId: value.describe('Agents, by id or user id'),
  'agentId[]': value,
  queueId: value.describe('Queues'),
  'queueId[]': value,
  internalEndpoint: value.describe('Numbers or addresses reached'),
  'internalEndpoint[]': value,
  direction: oneOf('inbound', 'outbound'),
  voicemail: flag.describe('Whether the call has a marker VM_START'),
  page: wholeNumber(1, mostPages).default(1),
  per_page: wholeNumber(1, mostPerPage).default(50),
  sort_by: listOf(sortField, 'time, score or documentId').describe('documentId by default'),
  'sort_by[]': listOf(sortField, 'time, score or documentId'),
  sort_dir: listOf(sortDirection, 'asc or desc').describe('One for each sort_by; asc by default'),
  'sort_dir[]': listOf(sortDirection, 'asc or desc'),
  inclSegments: flag.describe('Taken and without effect: calls here have no segments'),
  contextId: text(16, 48).describe('Taken and without effect: the key says whose calls they are'),
})

/** A call of the feed; facts that are absent are left out. */
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

export const feedAnswer = z.array(feedCall).meta({ examples: [pageExample] })
export const feedFile = z.string().describe('A line of column names, then a line for each call')
export const failureAnswer = z.strictObject({ error: z.strictObject({ reason: z.string(), detail: z.string() }) })
