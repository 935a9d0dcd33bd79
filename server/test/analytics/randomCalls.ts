import type { TestAccount } from '../testApp.ts'
import type { SentCall } from './bruteForce.ts'

const dayMs = 86_400_000
/** The clocks of Santiago and Auckland go back in these weeks. */
export const firstMs = Date.UTC(2026, 2, 28)
export const spanDays = 12

export type Random = () => number

/** The same numbers for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)]
  if (value === undefined) throw new Error('There is nothing to pick from.')
  return value
}

function randomCall(random: Random, id: string): SentCall {
  // Often right at a quarter, an hour or a midnight of some zone.
  const at = firstMs + random() * spanDays * dayMs
  const gridMs = pick(random, [1, 1, 900_000, 3_600_000, dayMs])
  const endedAt = Math.floor(at / gridMs) * gridMs - (random() < 0.2 ? 1 : 0)
  const status = pick(random, ['completed', 'completed', 'completed', 'abandoned', 'escalated', 'active'] as const)
  return {
    id,
    status,
    startedAt: endedAt - Math.floor(random() * 7_200_000),
    endedAt,
    durationSeconds: Math.floor(random() * 600_000) / 1000,
    campaignId: pick(random, ['c1', 'c2', 'c3', null]),
    callCenterId: pick(random, ['cc1', 'cc2', null]),
    agentId: pick(random, ['a1', 'a2', 'a3', 'a4', null]),
    engagementId: pick(random, ['e1', 'e2', null]),
    channel: pick(random, ['phone', 'chat']),
    tags: pick(random, [[], ['vip'], ['vip', 'a, b']]),
    escalated: random() < 0.3,
    resolved: pick(random, [true, false, null]),
    evaluation: undefined,
  }
}

function randomEvaluation(random: Random) {
  return {
    status: pick(random, ['evaluated', 'evaluated', 'evaluated', 'pending', 'failed']),
    score: pick(random, [null, Math.floor(random() * 101) / 10, Math.floor(random() * 10_001) / 1000]),
    sentiment: pick(random, ['positive', 'neutral', 'negative', null]),
  }
}

/** Sends new calls, corrections, evaluations and deletions, and does the same to the model. */
export async function changeCalls(account: TestAccount, calls: Map<string, SentCall>, random: Random): Promise<void> {
  const known = [...calls.keys()]
  const corrected = known.filter(() => random() < 0.15)
  const added = Array.from(
    { length: 40 },
    (_, index) => `call-${account.id}-${calls.size}-${index}-${Math.floor(random() * 1e9)}`,
  )
  const written = [...corrected, ...added].map((id) => ({
    ...randomCall(random, id),
    evaluation: calls.get(id)?.evaluation,
  }))
  for (const call of written) calls.set(call.id, call)
  await send(
    account,
    'calls',
    written.map(({ evaluation: _evaluation, startedAt, endedAt, ...call }) => ({
      ...call,
      startedAt: new Date(startedAt).toISOString(),
      endedAt: new Date(endedAt).toISOString(),
    })),
  )
  const evaluated = [...calls.values()].filter(() => random() < 0.3)
  for (const call of evaluated) call.evaluation = randomEvaluation(random)
  await send(
    account,
    'evaluations',
    evaluated.map((call) => ({ callId: call.id, ...call.evaluation })),
  )
  for (const id of [...calls.keys()].filter(() => random() < 0.03)) {
    calls.delete(id)
    await account.request('DELETE', `/v1/ingest/calls/${id}`)
  }
}

async function send(account: TestAccount, collection: string, records: object[]): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  if (answer.status !== 200) throw new Error(`The ${collection} were refused: ${answer.text}`)
}
