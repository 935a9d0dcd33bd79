import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { AppError } from '../../errors.ts'
import { SlowDown } from './slowDown.ts'

/** Slows down by a clock that only moves when the test moves it, and notes each wait. */
function slowed() {
  const clock = { ms: 0, waits: [] as number[] }
  const slowDown = new SlowDown({
    nowMs: () => clock.ms,
    wait: async (milliseconds) => void clock.waits.push(milliseconds),
  })
  return { slowDown, clock }
}

test('the first failures of an address cost nothing, the next ones more and more; other addresses do not wait', async () => {
  const { slowDown, clock } = slowed()
  for (let failure = 0; failure < 30; failure++) await slowDown.failed('192.0.2.1')
  expect(clock.waits).toEqual([])
  for (let failure = 0; failure < 8; failure++) await slowDown.failed('192.0.2.1')
  expect(clock.waits).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000])
  await slowDown.failed('192.0.2.2')
  expect(clock.waits).toHaveLength(8)
})

test('a failure a second is forgotten', async () => {
  const { slowDown, clock } = slowed()
  for (let failure = 0; failure < 31; failure++) await slowDown.failed('192.0.2.1')
  clock.ms += 40_000
  for (let failure = 0; failure < 30; failure++) await slowDown.failed('192.0.2.1')
  expect(clock.waits).toEqual([25])
})

test('one IPv6 subscriber is one address', async () => {
  const { slowDown, clock } = slowed()
  for (let failure = 0; failure < 30; failure++) await slowDown.failed(`2001:db8::${failure.toString(16)}`)
  await slowDown.failed('2001:db8:0:1::1')
  expect(clock.waits).toEqual([])
  await slowDown.failed('2001:db8:0:0:1::')
  expect(clock.waits).toEqual([25])
})

test('no more than 200 requests wait; the others are told to come back', async () => {
  const slowDown = new SlowDown({ nowMs: () => 0, wait: (milliseconds) => pause(milliseconds) })
  const attempts = Array.from({ length: 400 }, () => slowDown.failed('192.0.2.1'))
  const results = await Promise.allSettled(attempts)
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused).toHaveLength(400 - 30 - 200)
  expect(refused[0]?.reason).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: 5 })
})

test('only a refused sign-in makes its address wait', async () => {
  const { slowDown, clock } = slowed()
  const failWith = async (error: Error) => {
    const refuse = async () => {
      throw error
    }
    await expect(slowDown.guard('192.0.2.1', refuse)).rejects.toBe(error)
  }
  for (let tried = 0; tried < 40; tried++) await failWith(new AppError('RESOURCE_NOT_FOUND', 'Not here.'))
  expect(clock.waits).toEqual([])
  for (let tried = 0; tried < 32; tried++) await failWith(new AppError('INVALID_API_KEY', 'No such key.'))
  expect(clock.waits).toEqual([25, 50])
  expect(await slowDown.guard('192.0.2.1', async () => 'in')).toBe('in')
})
