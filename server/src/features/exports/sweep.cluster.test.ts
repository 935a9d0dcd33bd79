import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { sweepExports } from './expireExports.ts'
import { listSelections, selectionTable } from './selection.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

test('what a dead worker left on any node is swept away, whichever node this process asks', async () => {
  const nodes = earshot.app.clickhouse.nodes()
  expect(nodes).toHaveLength(2)
  for (const node of nodes) {
    await node.command(`CREATE TABLE ${selectionTable(randomUUID(), 1, 0)} (id String) ENGINE = Log`)
  }
  const left = () => Promise.all(nodes.map((clickhouse) => listSelections({ clickhouse })))
  expect((await left()).map((tables) => tables.length)).toEqual([1, 1])
  await sweepExports(earshot.app)
  expect(await left()).toEqual([[], []])
})
