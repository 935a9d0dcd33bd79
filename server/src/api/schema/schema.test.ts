import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { collections } from '../../domain/collections/all.ts'
import { datasets } from '../../features/exports/datasets/all.ts'
import type { CollectionSchema } from '../../features/schema/collectionSchema.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

test('every collection is there with its fields, types, bounds and units', async () => {
  const account = await earshot.account({ scopes: ['calls:read'] })
  const { status, json } = await account.request('GET', '/v1/schema')
  expect(status).toBe(200)
  const found: CollectionSchema[] = json.data.collections
  expect(found.map(({ name }) => name)).toEqual(collections.map(({ name }) => name))
  const calls = found.find(({ name }) => name === 'calls')
  expect(calls).toMatchObject({ kind: 'call', key: 'id' })
  const field = (name: string) => calls?.fields.find((each) => each.name === name)
  expect(field('status')).toMatchObject({ type: 'string', required: true, assigned: false, values: expect.anything() })
  expect(field('durationSeconds')).toMatchObject({ type: 'number', minimum: 0, unit: 'seconds', required: false })
  for (const { type, minimum, maximum } of found.flatMap(({ fields }) => fields)) {
    if (/^(?:number|integer)/.test(type)) expect([typeof minimum, typeof maximum]).toEqual(['number', 'number'])
  }
  expect(field('recordingBytes')).toMatchObject({ type: 'integer', assigned: true, unit: 'bytes' })
  expect(field('number')).toMatchObject({ type: 'integer', assigned: true })
  expect(field('sequence')).toMatchObject({ type: 'integer', assigned: true })
  expect(field('markers')?.entries).toEqual([
    { name: 'time', type: 'number', minimum: -1e12, maximum: 1e12, required: true },
    { name: 'type', type: 'string', maxLength: 256, required: true },
    { name: 'note', type: 'string', maxLength: 65_536, required: false },
  ])
  for (const { fields, description } of found) {
    expect(description).not.toBe('')
    for (const each of fields) expect(each.description, each.name).not.toBe('')
  }
})

test('every dataset is there with its columns in order', async () => {
  const account = await earshot.account({ scopes: ['calls:read'] })
  const { json } = await account.request('GET', '/v1/schema')
  const described = datasets.map(({ name, columns }) => [name, columns.map((column) => column.name)])
  const found: { name: string; columns: { name: string; type: string; description: string }[] }[] = json.data.datasets
  expect(found.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual(described)
  expect(found.find(({ name }) => name === 'ai-calls')).toMatchObject({
    rowLimit: 50_000,
    openColumns: { prefix: 'EPA_' },
  })
  for (const { columns } of found) for (const { description } of columns) expect(description).not.toBe('')
})

test('one name gives what has it, another is not there', async () => {
  const account = await earshot.account({ scopes: ['calls:read'] })
  const turns = (await account.request('GET', '/v1/schema/turns')).json.data
  expect([turns.collections.length, turns.datasets.length]).toEqual([1, 0])
  expect(turns.collections[0]).toMatchObject({ name: 'turns', kind: 'part' })
  const report = (await account.request('GET', '/v1/schema/ai-calls')).json.data
  expect([report.collections.length, report.datasets[0].name]).toEqual([0, 'ai-calls'])
  const missing = await account.request('GET', '/v1/schema/nothing')
  expect([missing.status, missing.json.error.code]).toEqual([404, 'RESOURCE_NOT_FOUND'])
  const writer = await earshot.account({ scopes: ['ingest:write'] })
  expect((await writer.request('GET', '/v1/schema')).status).toBe(403)
})
