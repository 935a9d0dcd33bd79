import { expect } from 'vitest'
import type { Ports } from '../../src/ports.ts'
import { collections } from '../../src/domain/collections/all.ts'
import { readWatermark } from '../../src/recordLog/watermark.ts'
import type { TestAccount } from '../testApp.ts'
import type { Json, RecordsModel } from './recordsModel.ts'

type Reader = Pick<TestAccount, 'id' | 'request'>

export async function readAll(account: Reader, collection: string, limit = 7): Promise<Json[]> {
  const records: Json[] = []
  for (let cursor = ''; ;) {
    const { json } = await account.request('GET', `/v1/records/${collection}?limit=${limit}${cursor}`)
    records.push(...json.data)
    if (json.nextCursor === null) return records
    cursor = `&cursor=${json.nextCursor}`
  }
}

function withoutTimes({ createdAt, updatedAt, ...rest }: Json): Json {
  expect([createdAt, updatedAt].map((time) => typeof time)).toEqual(['string', 'string'])
  return rest
}

export function sorted(records: Json[]): Json[] {
  return records.sort((left, right) =>
    String(left['id'] ?? left['callId']) < String(right['id'] ?? right['callId']) ? -1 : 1,
  )
}

/** Compares everything that can be read with the model. */
export async function compare(ports: Ports, account: Reader, model: RecordsModel, pageSize = 7): Promise<void> {
  for (const { name } of collections) {
    const found = sorted((await readAll(account, name, pageSize)).map(withoutTimes))
    expect(found, name).toEqual(sorted(model.visible(name).map((record) => model.shown(record))))
  }
  const watermark = await readWatermark(ports, account.id)
  expect(watermark).toEqual({ seq: model.lastSeq, number: model.lastNumber })
  await compareCopies(ports, account)
  await comparePlaces(ports, account, model)
}

/** A call's row carries its evaluation and survey as their own tables have them. */
async function compareCopies(ports: Ports, account: Reader): Promise<void> {
  const read = (query: string) => ports.clickhouse.rows<Json>(query, { account: account.id })
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
async function comparePlaces(ports: Ports, account: Reader, model: RecordsModel): Promise<void> {
  const places: number[] = []
  for (const { table } of collections) {
    const rows = await ports.clickhouse.rows<{ seq: number }>(
      `SELECT seq FROM ${table} FINAL WHERE account_id = {account:UInt32}`,
      { account: account.id },
    )
    places.push(...rows.map((row) => row.seq))
  }
  expect(new Set(places).size).toBe(places.length)
  expect(Math.max(0, ...places)).toBeLessThanOrEqual(model.lastSeq)
  const numbers = await ports.clickhouse.rows<{ number: number }>(
    `SELECT number FROM calls FINAL WHERE account_id = {account:UInt32} ORDER BY number`,
    { account: account.id },
  )
  expect(numbers.map((row) => row.number)).toEqual(Array.from({ length: model.lastNumber }, (_, index) => index + 1))
}

/** Which sender came when is the program's to say: takes its places over, to be compared for what they share. */
export async function adoptPlaces(ports: Ports, account: Reader, model: RecordsModel): Promise<void> {
  await readWatermark(ports, account.id)
  for (const { name, table, key } of collections) {
    const rows = await ports.clickhouse.rows<{ key: string; seq: number; number: number }>(
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
