import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

test('the document names every path with its way to sign in', async () => {
  const account = await earshot.account()
  const { status, json: document } = await account.request('GET', '/openapi.json')
  expect(status).toBe(200)
  expect(document.openapi).toBe('3.1.0')
  expect(document.paths['/v1/ingest/{collection}'].post.security).toEqual([{ apiKey: [] }, { bearer: [] }])
  expect(
    document.paths['/v1/records/{collection}/{id}'].get.parameters.map((entry: { name: string }) => entry.name),
  ).toContain('include')
  expect(Object.keys(document.components.securitySchemes)).toEqual(['apiKey', 'bearer', 'timestamp', 'signature'])
  expect(JSON.stringify(document)).not.toContain('"$ref":"#/components/schemas/undefined')
})

test('its page and the first page are served without a key', async () => {
  expect(await (await fetch(`${earshot.url}/docs`)).text()).toContain('swagger-ui')
  const home = await fetch(`${earshot.url}/`)
  expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await home.text()).toContain('<title>Earshot</title>')
})
