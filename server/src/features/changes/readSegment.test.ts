import { afterAll, beforeAll, expect, test } from 'vitest'
import { callOf, send } from '../../../test/changes/sent.ts'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { calls } from '../../domain/collections/calls.ts'
import { readSegment } from './readSegment.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

test('long records come in shorter segments, which miss nothing and end at the end', async () => {
  const account = await earshot.account()
  const attributes = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'y'.repeat(256)]))
  const ids = Array.from({ length: 120 }, (_, index) => `c${index}`)
  const records = ids.map((id) => callOf(id, { notes: 'x'.repeat(10_000), attributes }))
  await send(account, 'calls', records)
  const told: string[] = []
  const ends: boolean[] = []
  let cursor = { seq: 0, caughtUpAt: earshot.ports.now() }
  for (let isAtEnd = false; !isAtEnd;) {
    const segment = await readSegment(earshot.ports, account.id, new Set([calls]), cursor)
    const characters = segment.changes.reduce((sum, { line }) => sum + line.length, 0)
    expect(characters).toBeLessThan(1_030_000)
    told.push(...segment.changes.map(({ callId }) => callId))
    cursor = segment.cursor
    isAtEnd = segment.isAtEnd
    ends.push(isAtEnd)
  }
  expect(told).toEqual(ids)
  expect(ends.length).toBeGreaterThan(2)
})
