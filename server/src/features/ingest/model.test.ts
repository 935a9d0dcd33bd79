import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collections } from '../../domain/collections/all.ts'
import { RecordsModel, type Json, type ModelWrite } from '../../../test/model/recordsModel.ts'
import { step, writeOf, type Step } from '../../../test/model/sentRecords.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { readWatermark } from './watermark.ts'

// The program against a plain model of the ingestion contract, on the real engines.

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

/** Sends a step to the program; gives its status and counts. */
async function send(account: TestAccount, taken: Step): Promise<{ status: number; data: Json }> {
  const answer = await request(account, taken)
  return { status: answer.status, data: answer.json?.data ?? answer.json }
}

async function request(account: TestAccount, taken: Step) {
  switch (taken.kind) {
    case 'send': {
      const query = `onError=${taken.skips ? 'skip' : 'fail'}&dryRun=${taken.isDryRun}`
      return account.request('POST', `/v1/ingest/${taken.collection}?${query}`, ndjson(taken.writes), {
        'Content-Type': 'application/x-ndjson',
      })
    }
    case 'replaceTurns':
      return account.request('PUT', `/v1/ingest/calls/${taken.callId}/turns`, ndjson(taken.writes), {
        'Content-Type': 'application/x-ndjson',
      })
    case 'remove':
      return account.request('DELETE', `/v1/ingest/${taken.collection}/${taken.key}`)
  }
}

function ndjson(writes: ModelWrite[]): string {
  return writes.map(({ record }) => JSON.stringify(record)).join('\n')
}

/** Does the step in the model; gives the answer that the contract asks for. */
function expectOf(model: RecordsModel, taken: Step): { status: number; data?: object } {
  if (taken.kind === 'remove') {
    const answer = model.remove(taken.collection, taken.key)
    return answer.status === 200 ? { status: 200, data: { deleted: answer.deleted } } : answer
  }
  const answer =
    taken.kind === 'send'
      ? model.ingest(taken.collection, taken.writes, taken)
      : model.replaceTurns(taken.callId, taken.writes)
  return answer.status === 200 ? { status: 200, data: answer.counts } : answer
}

async function readAll(account: TestAccount, collection: string): Promise<Json[]> {
  const records: Json[] = []
  for (let cursor = ''; ;) {
    const { json } = await account.request('GET', `/v1/records/${collection}?limit=7${cursor}`)
    records.push(...json.data)
    if (json.nextCursor === null) return records
    cursor = `&cursor=${json.nextCursor}`
  }
}

function withoutTimes({ createdAt, updatedAt, ...rest }: Json): Json {
  expect([createdAt, updatedAt].map((time) => typeof time)).toEqual(['string', 'string'])
  return rest
}

function sorted(records: Json[]): Json[] {
  return records.sort((left, right) =>
    String(left['id'] ?? left['callId']) < String(right['id'] ?? right['callId']) ? -1 : 1,
  )
}

/** Compares everything that can be read with the model. */
async function compare(account: TestAccount, model: RecordsModel): Promise<void> {
  for (const { name } of collections) {
    const found = sorted((await readAll(account, name)).map(withoutTimes))
    expect(found, name).toEqual(sorted(model.visible(name).map((record) => model.shown(record))))
  }
  const watermark = await readWatermark(earshot.app, account.id)
  expect(watermark).toEqual({ seq: model.lastSeq, number: model.lastNumber })
  await compareCopies(account)
  await comparePlaces(account, model)
}

/** A call's row carries its evaluation and survey as their own tables have them. */
async function compareCopies(account: TestAccount): Promise<void> {
  const read = (query: string) => earshot.app.clickhouse.rows<Json>(query, { account: account.id })
  for (const [table, prefix] of [
    ['evaluations', 'evaluation'],
    ['surveys', 'survey'],
  ] as const) {
    const own = collections.find((collection) => collection.table === table)?.fields ?? []
    const columns = own.map((field) => field.column).filter((column) => column !== 'call_id')
    const copies = await read(
      `SELECT id, ${columns.map((column) => `${prefix}_${column}`).join(', ')}, has_${prefix} AS has
       FROM calls FINAL WHERE account_id = {account:UInt32} AND removed = 0`,
    )
    const originals = await read(
      `SELECT call_id, ${columns.join(', ')} FROM ${table} FINAL WHERE account_id = {account:UInt32} AND removed = 0`,
    )
    const byCall = new Map(originals.map((row) => [row['call_id'], row]))
    for (const copy of copies) {
      const original = byCall.get(copy['id'])
      expect(copy['has'], `${String(copy['id'])} has_${prefix}`).toBe(original !== undefined)
      for (const column of columns) {
        const copied = copy[`${prefix}_${column}`]
        const expected = original?.[column] ?? (Array.isArray(copied) ? [] : null)
        expect(copied, `${String(copy['id'])} ${prefix}_${column}`).toEqual(expected)
      }
    }
  }
}

/** No place twice, none above the last; of calls every number from 1, also of deleted ones. */
async function comparePlaces(account: TestAccount, model: RecordsModel): Promise<void> {
  const places: number[] = []
  for (const { table } of collections) {
    const rows = await earshot.app.clickhouse.rows<{ seq: number }>(
      `SELECT seq FROM ${table} FINAL WHERE account_id = {account:UInt32}`,
      { account: account.id },
    )
    places.push(...rows.map((row) => row.seq))
  }
  expect(new Set(places).size).toBe(places.length)
  expect(Math.max(0, ...places)).toBeLessThanOrEqual(model.lastSeq)
  const numbers = await earshot.app.clickhouse.rows<{ number: number }>(
    `SELECT number FROM calls FINAL WHERE account_id = {account:UInt32} ORDER BY number`,
    { account: account.id },
  )
  expect(numbers.map((row) => row.number)).toEqual(Array.from({ length: model.lastNumber }, (_, index) => index + 1))
}

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
  test('what is read is what the contract makes of what was sent', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step(), { minLength: 4, maxLength: 25 }), async (steps) => {
        const account = await earshot.account()
        const model = new RecordsModel()
        for (const taken of steps) await take(account, model, taken)
        await compare(account, model)
      }),
      { numRuns: 40, interruptAfterTimeLimit: 60_000 },
    )
  })
})

describe('several senders at once', () => {
  test('share the order without gap or repetition, and nothing of theirs is mixed', { timeout: 120_000 }, async () => {
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
        await adoptPlaces(account, whole)
        await compare(account, whole)
      }),
      { numRuns: 25, interruptAfterTimeLimit: 60_000 },
    )
  })

  test(
    'of the same records, with revisions: the highest of each field stands, in whatever order they came',
    { timeout: 120_000 },
    async () => {
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
          expect(found.map((record) => Number(record['number'])).sort()).toEqual(found.map((_, index) => index + 1))
        }),
        { numRuns: 25, interruptAfterTimeLimit: 60_000 },
      )
    },
  )
})

/** The record as one that is good whatever came before it. */
function possibleAlone({ endedAt, ...rest }: Json): Json {
  return { ...rest, ...(endedAt === null ? { endedAt } : {}), durationSeconds: 60 }
}

function withoutEndpoints(taken: Step): Step {
  if (taken.kind !== 'send' || taken.collection !== 'calls') return taken
  const writes = taken.writes.map(({ record, isWrong }) => {
    const { externalEndpoint, internalEndpoint, ...rest } = record
    return { record: rest, isWrong }
  })
  return { ...taken, writes }
}

/** Which sender came when is the program's to say: takes its places over, to be compared for what they share. */
async function adoptPlaces(account: TestAccount, model: RecordsModel): Promise<void> {
  await readWatermark(earshot.app, account.id)
  for (const { name, table, key } of collections) {
    const rows = await earshot.app.clickhouse.rows<{ key: string; seq: number; number: number }>(
      `SELECT ${key === 'id' ? 'id' : 'call_id'} AS key, seq, ${name === 'calls' ? 'number' : '0 AS number'}
       FROM ${table} FINAL WHERE account_id = {account:UInt32}`,
      { account: account.id },
    )
    for (const row of rows) {
      const record = model.find(name, row.key)
      if (record) model.records.set(`${name}/${row.key}`, { ...record, seq: row.seq, number: row.number })
    }
  }
}
