import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { collectDemo } from './demoRecords.testing.ts'
import { type DemoOptions, generateDemo } from './generate.ts'

const base: DemoOptions = { seed: 42, calls: 600, days: 14, endsAt: Date.UTC(2026, 4, 14, 18) }

function fingerprint(options: DemoOptions): string {
  const hash = createHash('sha256')
  for (const { collection, records } of generateDemo(options)) hash.update(collection + JSON.stringify(records))
  return hash.digest('hex')
}

describe('generateDemo', () => {
  test('gives the same bytes for the same seed, and others for another', () => {
    expect(fingerprint(base)).toBe(fingerprint({ ...base }))
    expect(fingerprint({ ...base, seed: 43 })).not.toBe(fingerprint(base))
    expect(fingerprint({ ...base, endsAt: base.endsAt + 1000 })).not.toBe(fingerprint(base))
  })

  test('gives a call the same records whatever the batch size and the parts left out', () => {
    const whole = collectDemo(base)
    const small = collectDemo({ ...base, batchSize: 37 })
    for (const collection of Object.keys(whole)) expect(small[collection]).toEqual(whole[collection])
    const bare = collectDemo({ ...base, parts: { turns: false, surveys: false, engagements: false } })
    expect(bare['turns']).toBeUndefined()
    expect(bare['surveys']).toBeUndefined()
    expect(bare['calls']).toEqual(whole['calls'])
    expect(bare['evaluations']).toEqual(whole['evaluations'])
  })

  test('puts references before calls and each part after its call, in batches of the size asked for', () => {
    const order: string[] = []
    const known = new Set<string>()
    let lastStart = ''
    for (const { collection, records } of generateDemo({ ...base, batchSize: 50 })) {
      expect(records.length).toBeGreaterThan(0)
      expect(records.length).toBeLessThanOrEqual(50)
      if (order.at(-1) !== collection) order.push(collection)
      for (const record of records as Record<string, string>[]) {
        if (collection === 'calls') {
          known.add(record['id'] ?? '')
          expect((record['startedAt'] ?? '') >= lastStart).toBe(true)
          lastStart = record['startedAt'] ?? ''
        } else if (record['callId'] !== undefined) {
          expect(known.has(record['callId'])).toBe(true)
        }
      }
    }
    expect(order.slice(0, 6)).toEqual(['campaigns', 'call-centers', 'queues', 'agents', 'customers', 'calls'])
    expect(known.size).toBe(base.calls)
  })

  test('counts the calls that are complete, up to all of them', () => {
    for (const parts of [{}, { turns: false }, { turns: false, engagements: false, reviews: false }]) {
      let done = 0
      for (const batch of generateDemo({ ...base, parts, batchSize: 100 })) {
        expect(batch.callsDone).toBeGreaterThanOrEqual(done)
        done = batch.callsDone
      }
      expect(done).toBe(base.calls)
    }
  })

  test('makes any small number of calls, over any time', () => {
    for (const calls of [0, 1, 2, 7]) {
      for (const days of [0.02, 1, 400]) {
        expect(collectDemo({ ...base, calls, days })['calls']?.length ?? 0).toBe(calls)
      }
    }
  })

  test('streams: memory after 200,000 calls is that after 20,000', () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const options = { ...base, calls: 200_000, days: 90, parts: { engagements: false, turns: false } }
    let calls = 0
    const heaps: number[] = []
    for (const { collection, records } of generateDemo(options)) {
      if (collection !== 'calls') continue
      calls += records.length
      if (calls !== 20_000 && calls !== 200_000) continue
      collectGarbage()
      heaps.push(process.memoryUsage().heapUsed)
    }
    expect(calls).toBe(200_000)
    const [early = 0, late = 0] = heaps
    expect(heaps).toHaveLength(2)
    expect(late - early).toBeLessThan(12 * 1024 * 1024)
  })
})
