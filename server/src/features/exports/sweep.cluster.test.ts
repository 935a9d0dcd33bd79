import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { sweepExports } from './expireExports.ts'
import { viewName } from './selection.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

test('what a dead worker left on any node is swept away, whichever node this process asks', async () => {
  const nodes = earshot.ports.clickhouse.nodes()
  expect(nodes).toHaveLength(2)
  await earshot.ports.clickhouse.view(viewName(randomUUID(), 1), ['calls', 'campaigns'])
  const left = () => Promise.all(nodes.map((node) => node.views()))
  expect((await left()).map((views) => views.length)).toEqual([1, 1])
  await sweepExports(earshot.ports)
  expect(await left()).toEqual([[], []])
})
