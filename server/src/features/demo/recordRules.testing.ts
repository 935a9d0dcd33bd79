/** The ingestion contract's rules as a check for tests, written from its text and not from the program's own check. */
type Rule = (value: unknown) => string | undefined

const id: Rule = (value) =>
  typeof value === 'string' && /^[A-Za-z0-9_.:@+-]{1,128}$/.test(value) ? undefined : 'is not an id'
const text: Rule = (value) =>
  typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= 65_536 ? undefined : 'is not a text'
const short: Rule = (value) =>
  typeof value === 'string' && value !== '' && value.length <= 256 ? undefined : 'is not a short string'
const boolean: Rule = (value) => (typeof value === 'boolean' ? undefined : 'is not true or false')
const time: Rule = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) &&
  !Number.isNaN(Date.parse(value))
    ? undefined
    : 'is not a time'

function number(min = -Infinity, max = Infinity, isWhole = false): Rule {
  return (value) => {
    const isRight = typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
    return isRight && (!isWhole || Number.isInteger(value)) ? undefined : `is not a number from ${min} to ${max}`
  }
}

const whole = number(0, Infinity, true)

function oneOf(...values: string[]): Rule {
  return (value) => (values.includes(String(value)) ? undefined : `is not one of ${values.join(', ')}`)
}

function list(entry: Rule): Rule {
  return (value) => {
    if (!Array.isArray(value) || value.length > 1000) return 'is not a list'
    return value.map(entry).find((fault) => fault !== undefined)
  }
}

/** Names with `*` are required. */
function object(shape: Record<string, Rule>): Rule {
  return (value) => {
    if (typeof value !== 'object' || value === null) return 'is not an object'
    const record = value as Record<string, unknown>
    for (const [starred, rule] of Object.entries(shape)) {
      const name = starred.replace('*', '')
      if (record[name] === undefined) {
        if (starred.endsWith('*')) return `${name} is missing`
        continue
      }
      const fault = rule(record[name])
      if (fault !== undefined) return `${name} ${fault}`
    }
    const unknown = Object.keys(record).find((name) => !(name in shape) && !(`${name}*` in shape))
    return unknown === undefined ? undefined : `${unknown} is not a field`
  }
}

const nullable =
  (rule: Rule): Rule =>
  (value) =>
    value === null ? undefined : rule(value)

const attributes: Rule = (value) => {
  const entries = Object.entries(value as object)
  if (entries.length > 100) return 'has too many entries'
  const isRight = entries.every(
    ([key, entry]) => /^[a-z0-9_]{1,64}$/.test(key) && (typeof entry === 'string' || typeof entry === 'number'),
  )
  return isRight ? undefined : 'is not a set of names with strings or numbers'
}

function all(names: string, rule: Rule): Record<string, Rule> {
  return Object.fromEntries(names.split(' ').map((name) => [name, rule]))
}

const sentiments = oneOf('positive', 'neutral', 'negative')

const call = object({
  'id*': id,
  'channel*': oneOf('phone', 'mobile', 'widget', 'video', 'chat', 'email', 'sms', 'task'),
  direction: oneOf('inbound', 'outbound'),
  'status*': oneOf('active', 'completed', 'escalated', 'failed', 'abandoned'),
  phase: oneOf('INPUT_READY', 'ACCEPTED', 'WAITING', 'QUEUED', 'FETCHING', 'FETCHED', 'PROCESSING', 'DONE', 'ERROR'),
  'startedAt*': time,
  endedAt: time,
  durationSeconds: number(0),
  ...all('outcome externalEndpoint internalEndpoint identity language flowVersion transferFunction', short),
  ...all('transferDestination requesterName speechSessionId voicebotAppId voicebotSessionId callCenterCallId', short),
  ...all('campaignId callCenterId queueId agentId customerId engagementId', id),
  requesterId: whole,
  ticketsCreated: list(whole),
  ...all('toolsUsed tags keywords topics', list(short)),
  ...all('authenticated escalated resolved', boolean),
  sentiment: sentiments,
  sentimentScore: number(-1, 1),
  incidents: whole,
  wordCloud: list(object({ 'phrase*': short, 'freq*': number(1) })),
  notes: text,
  audioChannels: whole,
  speakerChannels: whole,
  agentAudioChannel: oneOf('left', 'right'),
  dtmfEvents: list(object({ 'dtmf*': short, 'timestamp*': whole, channel: short })),
  markers: list(object({ 'time*': whole, 'type*': short, note: nullable(text) })),
  attributes,
})

const engagement = object({
  'id*': id,
  'callId*': id,
  ...all('agentId customerId', id),
  ...all('conversationStartedAt startedAt endedAt', time),
  ...all(
    'name conversationId channelType direction status type outcomeType serviceLevel terminatedBy initiatedBy',
    short,
  ),
  ...all('resolution channel queue team outcome reason reasonCategory platform language campaign menuPath flow', short),
  ...all('brand topicCategory topic attribute01 agentLocation agentRole agentOrganization', short),
  ...all('cost engagementTime focusTime holdTime menuTime waitTime wrapUpTime totalTime', number(0)),
  ...all('orderAgentEngagements totalConversationAgentEngagements', number(1, 10, true)),
  ...all(
    'adaptability adherence clarity completeness customerSatisfaction empathy expressedSatisfaction',
    number(0, 10),
  ),
  ...all('languageSkills persuasion severity understanding', number(0, 10)),
})

const turn = object({
  'id*': id,
  'callId*': id,
  engagementId: id,
  'participant*': oneOf('agent', 'customer'),
  'text*': text,
  'at*': time,
  'durationMs*': number(1, 60_000, true),
  ...all('type origin category language', short),
  sentiment: number(-1, 1),
  confidence: number(0, 1),
  quality: number(0, 1),
  responseTo: short,
})

const evaluation = object({
  'callId*': id,
  'status*': oneOf('evaluated', 'notEvaluated', 'pending', 'processing', 'failed'),
  score: number(0, 10),
  ...all('category reason subReason formId reviewStatus', short),
  confidence: number(0, 100),
  sentiment: sentiments,
  reviewNotes: text,
  evaluatedAt: time,
})

const survey = object({
  'callId*': id,
  'state*': oneOf('Completed', 'Partial', 'NotStarted'),
  'completionReason*': short,
  score: number(1, 7),
  'totalQuestions*': number(3, 5, true),
  'responses*': list(object({ 'question*': text, 'answer*': nullable(text), score: number(1, 7) })),
  completedAt: time,
})

const review = object({
  ...all('id* callId* engagementId agentId', id),
  ...all('reviewerId reviewerName questionId questionName* reviewSessionId status sampling type kind answerId', short),
  ...all('answerName answerReasonId answerReason verifiedBy answerType version formId', short),
  'reviewedAt*': time,
  ...all('confidence score answerScore worstScore bestScore', number(0, 10)),
  comment: text,
  verified: boolean,
})

const rules: Record<string, Rule> = {
  campaigns: object({ 'id*': id, 'name*': short, description: text, type: short, status: short }),
  'call-centers': object({ 'id*': id, 'name*': short }),
  queues: object({ 'id*': id, 'name*': short }),
  agents: object({
    ...all('id* name*', short),
    ...all('email externalId userId status type team department location organization role managerName', short),
    hourlyCost: number(0),
    engagementCost: number(0),
  }),
  customers: object({
    'id*': id,
    ...all('name externalId type category segment organization region country state', short),
    contacts: list(short),
  }),
  calls: call,
  engagements: engagement,
  turns: turn,
  evaluations: evaluation,
  surveys: survey,
  reviews: review,
}

/** What is wrong with a record by the contract, or nothing. */
export function faultOf(collection: string, record: unknown): string | undefined {
  const rule = rules[collection]
  return rule ? rule(record) : `${collection} is not a collection`
}
