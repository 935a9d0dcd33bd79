import { expect, test } from 'vitest'
import { SlowDown } from './slowDown.ts'

async function msOf(work: Promise<void>): Promise<number> {
  const start = performance.now()
  await work
  return performance.now() - start
}

test('the first failures of an address cost nothing, the next ones more and more; other addresses do not wait', async () => {
  const slowDown = new SlowDown()
  for (let failure = 0; failure < 30; failure++) await slowDown.failed('192.0.2.1')
  const delays = [0, 0, 0, 0]
  for (const index of delays.keys()) delays[index] = await msOf(slowDown.failed('192.0.2.1'))
  expect(delays[1]).toBeGreaterThan(delays[0] ?? 0)
  expect(delays[3]).toBeGreaterThan(150)
  expect(await msOf(slowDown.failed('192.0.2.2'))).toBeLessThan(20)
})

test('one IPv6 subscriber is one address', async () => {
  const slowDown = new SlowDown()
  for (let failure = 0; failure < 30; failure++) await slowDown.failed(`2001:db8::${failure.toString(16)}`)
  expect(await msOf(slowDown.failed('2001:db8:0:0:1::'))).toBeGreaterThan(15)
  expect(await msOf(slowDown.failed('2001:db8:0:1::1'))).toBeLessThan(15)
})

test('no more than 200 requests wait; the others are told to come back', async () => {
  const slowDown = new SlowDown()
  const attempts = Array.from({ length: 400 }, () => slowDown.failed('192.0.2.1'))
  const results = await Promise.allSettled(attempts)
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(400 - 30 - 200)
  expect(refused[0]?.reason).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: 5 })
})
