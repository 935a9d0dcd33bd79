import { calls } from '../src/domain/collections/calls.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import type { TestAccount, TestApp } from './testApp.ts'
import { RecordFaults } from '../src/recordLog/recordFaults.ts'

/** A finished phone call; `more` comes on top. */
export function phoneCall(id: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { id, channel: 'phone', status: 'completed', startedAt: '2026-05-03T14:05:07Z', durationSeconds: 60, ...more }
}

/** Sends records; fails the test when they are refused. */
export async function ingest(account: TestAccount, collection: string, records: object[]): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  if (answer.status !== 200) throw new Error(answer.text)
}

/** The `callId`s of an answer in JSON. */
export function numbersOf(answer: { json: { callId: string }[] }): number[] {
  return answer.json.map((call) => Number(call.callId))
}

/** The two ids of an account, fixed so that files can be compared. */
export const fixedIds = {
  accountUuid: 'f9f32f4b-845d-4110-8b9a-4f8eef06cfe5',
  contextUuid: '17396f85-57b1-446c-874b-e40037998113',
}

export async function fixIds({ ports }: TestApp, account: TestAccount): Promise<void> {
  await ports.postgres.run(sql`
    UPDATE accounts
    SET account_uuid = ${fixedIds.accountUuid}, context_uuid = ${fixedIds.contextUuid}
    WHERE id = ${account.id}`)
}

/** Gives a call the recording of this id, as an upload would. */
export async function giveRecording(
  { ports }: TestApp,
  account: TestAccount,
  callId: string,
  id: string,
): Promise<void> {
  const write = { key: callId, set: { id: callId, recordingId: id }, revision: undefined }
  await ports.recordLog.submit(account.id, {
    work: { kind: 'merge', collection: calls, writes: [{ index: 0, write }], skipsFaults: false },
    faults: new RecordFaults(),
    isDryRun: false,
    isAnnounced: false,
    idempotency: undefined,
  })
}

/** Four calls between them with every fact there is, none, awkward texts, and names that have not come. */
export async function sendGoldenCalls(earshot: TestApp, account: TestAccount): Promise<void> {
  await ingest(account, 'agents', [
    {
      id: 'agent-7',
      name: 'Joe Shmoe',
      email: 'joe@voicegain.ai',
      externalId: '436828',
      userId: '4ed10e44-cdbd-4506-a2a0-f2eb6bf50933',
    },
    { id: 'agent-8', name: 'Shmoe, "Jane"' },
  ])
  await ingest(account, 'queues', [{ id: '873490', name: 'Q-English-Member-Services' }])
  await ingest(account, 'calls', [fullCall, bareCall, awkwardCall, unnamedCall])
  await ingest(account, 'evaluations', [
    {
      callId: 'full',
      status: 'evaluated',
      score: 8.75,
      formId: 'form-1',
      reviewStatus: 'reviewed',
      reviewNotes: 'Good, but "hasty"',
    },
  ])
  await giveRecording(earshot, account, 'full', '49532709-1f2a-4e5b-a8c8-9e301c5a749d')
}

const fullCall = {
  id: 'full',
  channel: 'phone',
  direction: 'inbound',
  status: 'completed',
  startedAt: '2024-05-12T22:15:45.500Z',
  endedAt: '2024-05-12T22:20:30Z',
  durationSeconds: 273.5,
  externalEndpoint: '+14694519385',
  internalEndpoint: '14693333606',
  speechSessionId: 'USDVDArvLUwoDZFzCLDs',
  agentId: 'agent-7',
  agentAudioChannel: 'right',
  queueId: '873490',
  sentimentScore: 0.25,
  notes: 'The member asked for coverage.\nAll was said.',
  tags: ['C_Member', 'NEW_TAG', 'V_Verified', 'R_Coverage'],
  keywords: ['coverage', 'a|b', 'c\\d'],
  topics: ['Coverage, dental'],
  resolved: true,
  incidents: 3,
  wordCloud: [
    { phrase: 'dental', freq: 2 },
    { phrase: 'say "yes"', freq: 7.5 },
    { phrase: 'member', freq: 2 },
  ],
  audioChannels: 2,
  speakerChannels: 2,
  voicebotAppId: '736e7954-dc21-11ea-87d0-0242ac130030',
  voicebotSessionId: 'session-1',
  originatingCallId: 'origin-1',
  transferDestination: 'Internal',
  callCenterCallId: '2444036749',
  language: 'en-US',
  dtmfEvents: [
    { dtmf: '1', timestamp: 1500, channel: 'left' },
    { dtmf: '#', timestamp: 2000.5 },
  ],
  dailyRepeatCalls: 4,
  markers: [
    { time: 201897, type: 'CC_AGENT_ANSWER', note: null },
    { time: 179162, type: 'CC_ANSWER', note: 'first|try' },
  ],
}

const bareCall = {
  id: 'bare',
  channel: 'chat',
  status: 'active',
  startedAt: '2026-09-06T04:00:00Z',
  agentAudioChannel: 'left',
}

const awkwardCall = {
  ...phoneCall('awkward', { startedAt: '2026-04-05T03:30:00Z' }),
  direction: 'outbound',
  externalEndpoint: 'sip:a,b@example.com',
  speechSessionId: 'line\u2028separator',
  agentId: 'agent-8',
  notes: '=1+1 \u0085 next, "quoted" \f feed 😀',
  tags: ['', 'only "one"'],
  resolved: false,
  sentimentScore: -1,
  language: 'ES-cl',
}

const unnamedCall = {
  ...phoneCall('unnamed', { startedAt: '2026-04-05T02:30:00Z' }),
  phase: 'ERROR',
  agentId: 'agent-unknown',
  queueId: 'queue-unknown',
  agentAudioChannel: 'left',
}
