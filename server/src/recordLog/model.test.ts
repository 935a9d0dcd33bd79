import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adoptPlaces, compare, readAll, sorted } from '../../test/model/compare.ts'
import { RecordsModel, type Json } from '../../test/model/recordsModel.ts'
import { expectOf, send } from '../../test/model/send.ts'
import { step, withoutEndpoints, writeOf, type Step } from '../../test/model/sentRecords.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../test/testApp.ts'

// The program against a plain model of the ingestion contract, on the real engines.

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

/** Does a step in both and compares the answers; repeated, it changes nothing. */
async function take(account: TestAccount, model: RecordsModel, taken: Step): Promise<void> {
  const expected = expectOf(model, taken)
  expect(await send(account, taken)).toMatchObject(expected)
  if (taken.kind !== 'send' || !taken.isRepeated || taken.isDryRun) return
  const { lastSeq, lastNumber } = model
  const isPlain = taken.writes.every(({ record }) => record['revision'] === undefined)
  expect(await send(account, taken)).toMatchObject(expectOf(model, taken))
  if (isPlain) expect([model.lastSeq, model.lastNumber]).toEqual([lastSeq, lastNumber])
}

describe('one sender', () => {
  test('what is read is what the contract makes of what was sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step(), { minLength: 4, maxLength: 25 }), async (steps) => {
        const account = await earshot.account()
        const model = new RecordsModel()
        for (const taken of steps) await take(account, model, taken)
        await compare(earshot.ports, account, model)
      }),
      { numRuns: 40, interruptAfterTimeLimit: 60_000 },
    )
  })
})

describe('several senders at once', () => {
  test('share the order without gap or repetition, and nothing of theirs is mixed', async () => {
    const senders = ['s1-', 's2-', 's3-', 's4-']
    // Without endpoints, since a call of another sender would be a repetition or not, as it comes.
    const steps = fc.tuple(...senders.map((prefix) => fc.array(step(prefix).map(withoutEndpoints), { maxLength: 8 })))
    await fc.assert(
      fc.asyncProperty(steps, async (perSender) => {
        const account = await earshot.account()
        const models = await Promise.all(
          perSender.map(async (own) => {
            const model = new RecordsModel()
            for (const taken of own) expect(await send(account, taken)).toMatchObject(expectOf(model, taken))
            return model
          }),
        )
        const whole = new RecordsModel()
        for (const model of models) {
          whole.lastSeq += model.lastSeq
          whole.lastNumber += model.lastNumber
          for (const [place, record] of model.records) whole.records.set(place, record)
        }
        await adoptPlaces(earshot.ports, account, whole)
        await compare(earshot.ports, account, whole)
      }),
      { numRuns: 25, interruptAfterTimeLimit: 60_000 },
    )
  })

  test('of the same records, with revisions: the highest of each field stands, in whatever order they came', async () => {
    const news = fc.array(writeOf('calls', '', true), { minLength: 2, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(news, fc.array(fc.nat(), { minLength: 12, maxLength: 12 }), async (writes, places) => {
        const account = await earshot.account()
        const revised = writes.map(({ record }, revision) => ({ ...possibleAlone(record), revision }))
        const model = new RecordsModel()
        for (const record of revised)
          model.ingest('calls', [{ record, isWrong: false }], { skips: true, isDryRun: false })
        const order = revised.map((record, index) => ({ record, place: places[index] ?? 0 }))
        order.sort((left, right) => left.place - right.place)
        const answers = await Promise.all(
          order.map(({ record }) => account.request('POST', '/v1/ingest/calls', record)),
        )
        expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
        const found = sorted(await readAll(account, 'calls'))
        const ignored = { number: 0, sequence: 0, dailyRepeatCalls: 0, createdAt: '', updatedAt: '' }
        const expected = model.visible('calls').map((record) => ({ ...model.shown(record), ...ignored }))
        expect(found.map((record) => ({ ...record, ...ignored }))).toEqual(sorted(expected))
        expect(found.map((record) => Number(record['number'])).sort((left, right) => left - right)).toEqual(
          found.map((_, index) => index + 1),
        )
      }),
      { numRuns: 25, interruptAfterTimeLimit: 60_000 },
    )
  })
})

/** The record as one that is good whatever came before it. */
function possibleAlone({ endedAt, ...rest }: Json): Json {
  return { ...rest, ...(endedAt === null ? { endedAt } : {}), durationSeconds: 60 }
}
