import { describe, expect, test } from 'vitest'
import { byCall, collectDemo, instant, type Sent } from './demoRecords.testing.ts'
import { faultOf } from './recordRules.testing.ts'

const endsAt = Date.UTC(2026, 4, 14, 18)
const demo = collectDemo({ seed: 7, calls: 4000, days: 30, endsAt })
const get = (collection: string): Sent[] => demo[collection] ?? []
const calls = new Map(get('calls').map((call) => [String(call['id']), call]))
const idsOf = (collection: string) => new Set(get(collection).map((record) => record['id']))

function isAbsentOrIn(ids: ReadonlySet<unknown>, id: unknown): boolean {
  return id === undefined || ids.has(id)
}

function endOf(call: Sent): number {
  return call['endedAt'] === undefined ? endsAt : instant(call, 'endedAt')
}

describe('the records of a demonstration', () => {
  test('satisfy the ingestion contract', () => {
    const faults: string[] = []
    for (const [collection, records] of Object.entries(demo)) {
      for (const record of records) {
        const fault = faultOf(collection, record)
        if (fault !== undefined)
          faults.push(`${collection} ${JSON.stringify(record['id'] ?? record['callId'])}: ${fault}`)
      }
    }
    expect(faults).toEqual([])
    expect(Object.keys(demo)).toHaveLength(11)
  })

  test('are checked by a check that sees faults', () => {
    const call = get('calls')[0] ?? {}
    const broken = [
      { ...call, id: 'with space' },
      { ...call, status: 'done' },
      { ...call, sentimentScore: 1.5 },
      { ...call, startedAt: '2026-05-01' },
      { ...call, surprise: 1 },
      { ...call, tags: 'one' },
      { ...call, markers: [{ time: 1.5, type: 'HOLD', note: null }] },
      { ...call, channel: undefined },
    ]
    for (const record of broken) expect(faultOf('calls', record)).toBeDefined()
    expect(faultOf('turns', { ...get('turns')[0], participant: 'bot' })).toBeDefined()
    expect(faultOf('evaluations', { ...get('evaluations')[0], score: 11 })).toBeDefined()
  })

  test('have unique keys', () => {
    for (const [collection, records] of Object.entries(demo)) {
      const key = collection === 'evaluations' || collection === 'surveys' ? 'callId' : 'id'
      expect(new Set(records.map((record) => record[key])).size, collection).toBe(records.length)
    }
    const contacts = get('customers').flatMap((customer) => customer['contacts'] as string[])
    expect(new Set(contacts).size).toBe(contacts.length)
  })

  test('name only records that exist', () => {
    const references = {
      campaignId: idsOf('campaigns'),
      callCenterId: idsOf('call-centers'),
      queueId: idsOf('queues'),
      agentId: idsOf('agents'),
      customerId: idsOf('customers'),
    }
    const engagementIds = idsOf('engagements')
    const callIds = idsOf('calls')
    const dangling: Sent[] = []
    for (const records of Object.values(demo)) {
      for (const record of records) {
        const isNamed = Object.entries(references).every(([name, ids]) => isAbsentOrIn(ids, record[name]))
        if (!isNamed || !isAbsentOrIn(callIds, record['callId'])) dangling.push(record)
      }
    }
    for (const part of [...get('turns'), ...get('reviews')]) {
      if (!isAbsentOrIn(engagementIds, part['engagementId'])) dangling.push(part)
    }
    expect(dangling).toEqual([])
    for (const call of calls.values()) {
      for (const name of Object.keys(references)) expect(call[name], name).toBeDefined()
    }
  })

  test('have calls whose times agree', () => {
    for (const call of calls.values()) {
      const isActive = call['status'] === 'active'
      expect(call['endedAt'] === undefined).toBe(isActive)
      if (isActive) continue
      expect(instant(call, 'endedAt')).toBeLessThanOrEqual(endsAt)
      const seconds = (instant(call, 'endedAt') - instant(call, 'startedAt')) / 1000
      const isUntaken = call['outcome'] === 'no_answer' || call['outcome'] === 'unreachable'
      expect(call['durationSeconds']).toBe(isUntaken ? 0 : seconds)
      for (const marker of (call['markers'] ?? []) as { time: number }[]) {
        expect(marker.time).toBeLessThanOrEqual(seconds * 1000)
      }
    }
  })

  test('have parts within their calls', () => {
    const outside: Sent[] = []
    const checks = [
      ['engagements', 'startedAt', 'endedAt'],
      ['turns', 'at', undefined],
    ] as const
    for (const [collection, from, to] of checks) {
      for (const part of get(collection)) {
        const call = calls.get(String(part['callId'])) ?? {}
        const end = to === undefined ? instant(part, from) + Number(part['durationMs']) : instant(part, to)
        const isEarly = instant(part, from) < instant(call, 'startedAt')
        if (isEarly || (part['status'] !== 'Active' && !(end <= endOf(call)))) outside.push(part)
      }
    }
    expect(outside).toEqual([])
    for (const review of get('reviews')) {
      expect(instant(review, 'reviewedAt')).toBeGreaterThan(endOf(calls.get(String(review['callId'])) ?? {}))
      expect(instant(review, 'reviewedAt')).toBeLessThanOrEqual(endsAt)
    }
    for (const evaluation of get('evaluations')) {
      if (evaluation['status'] !== 'evaluated') continue
      expect(instant(evaluation, 'evaluatedAt')).toBeLessThanOrEqual(endsAt)
    }
  })

  test('have engagements in order, with times that add up', () => {
    for (const parts of byCall(get('engagements')).values()) {
      for (const [place, part] of parts.entries()) {
        expect(part['orderAgentEngagements']).toBe(place + 1)
        expect(part['totalConversationAgentEngagements']).toBe(parts.length)
        const before = parts[place - 1]
        if (before) {
          expect(instant(part, 'startedAt')).toBeGreaterThanOrEqual(instant(before, 'endedAt'))
        }
        if (part['status'] === 'Active') continue
        expect(part['totalTime']).toBe(instant(part, 'endedAt') - instant(part, 'startedAt'))
        expect(Number(part['engagementTime']) + Number(part['wrapUpTime'])).toBe(part['totalTime'])
      }
    }
  })
})
