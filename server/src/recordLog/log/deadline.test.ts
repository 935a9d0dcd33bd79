import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withDeadline } from './deadline.ts'

const servers = { clickhouseUrls: ['http://127.0.0.1:8123/calls'], databaseUrl: 'postgres://127.0.0.1/earshot' }
const never = () => new Promise<void>(() => {})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a late reader and a late sender get different messages; neither names a store', async () => {
  const read = expect(withDeadline(servers, never, 'reader')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/^What was sent before cannot be read yet/),
    retryAfterSeconds: 30,
  })
  const sent = expect(withDeadline(servers, never)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringMatching(/so nothing was stored/),
  })
  await vi.advanceTimersByTimeAsync(10_000)
  await read
  await sent
})

test('an embedded engine is waited for longer, and work that is late is told to end', async () => {
  const signals: AbortSignal[] = []
  const late = withDeadline({ clickhouseUrls: [], databaseUrl: '' }, async (signal) => {
    signals.push(signal)
    await never()
  })
  const refused = expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await vi.advanceTimersByTimeAsync(29_999)
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
  await vi.advanceTimersByTimeAsync(1)
  await refused
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})
