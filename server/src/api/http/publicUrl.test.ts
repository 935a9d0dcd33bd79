import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { audioFile } from '../../../test/audioFiles.ts'

let earshot: TestApp
let account: TestAccount
const listening = { url: '' }
// Another address of this machine, from which a request comes where a proxy is to be played.
const proxy = '127.0.0.2'

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_TRUSTED_PROXIES: proxy })
  listening.url = earshot.url
  account = await earshot.account()
  const call = {
    id: 'a',
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T10:00:00Z',
    durationSeconds: 60,
  }
  await account.request('POST', '/v1/ingest/calls', call)
  const sent = await account.request('PUT', '/v1/ingest/calls/a/recording', audioFile('tone-opus.ogg'), {
    'Content-Type': 'audio/ogg',
  })
  expect(sent.status, sent.text).toBe(200)
})
afterAll(() => earshot.close())

/** The beginnings of the links for a request with these headers, without a public address. */
async function linksWith(headers: OutgoingHttpHeaders, publicUrl = ''): Promise<string[]> {
  earshot.ports.config.publicUrl = publicUrl
  try {
    const feed = await ask('/v1/sa/call', headers)
    const changes = await ask('/v1/changes/calls', headers)
    const recording = await ask('/api/v1/calls/a/recording', headers)
    const { url } = JSON.parse(recording.body) as { url: string }
    return [
      /^<(.*?)\/v1\/sa\/call\?/.exec(feed.link)?.[1] ?? feed.link,
      /^<(.*?)\/v1\/changes\/calls\?/.exec(changes.link)?.[1] ?? changes.link,
      /^(.*)\/files\//.exec(url)?.[1] ?? url,
    ]
  } finally {
    earshot.ports.config.publicUrl = listening.url
  }
}

function ask(
  path: string,
  headers: OutgoingHttpHeaders,
  localAddress = '127.0.0.1',
): Promise<{ link: string; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      `${earshot.url}${path}`,
      { localAddress, headers: { 'X-Api-Key': account.apiKey, ...headers } },
      (answer) => {
        text(answer).then((body) => resolve({ link: String(answer.headers['link'] ?? ''), body }), reject)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

const three = (address: string): string[] => [address, address, address]
const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'calls.example.com' }

test('links begin with the address that the request was sent to', async () => {
  expect(await linksWith({})).toEqual(three(listening.url))
  expect(await linksWith({ Host: 'earshot.lan:8080' })).toEqual(three('http://earshot.lan:8080'))
  expect(await linksWith({ Host: '[::1]:9' })).toEqual(three('http://[::1]:9'))
})

test('what a proxy says counts only where it is trusted', async () => {
  expect(await linksWith({ Host: 'inside:1', ...forwarded })).toEqual(three('http://inside:1'))
})

test('the public address counts before everything else', async () => {
  const url = 'https://public.example.com/earshot/'
  expect(await linksWith({ Host: 'inside:1', ...forwarded }, url)).toEqual(three('https://public.example.com/earshot'))
})

test('a link to the file works as it is', async () => {
  earshot.ports.config.publicUrl = ''
  const { body } = await ask('/api/v1/calls/a/recording', {})
  earshot.ports.config.publicUrl = listening.url
  expect((await fetch((JSON.parse(body) as { url: string }).url)).status).toBe(200)
})

test('a trusted proxy names host and scheme; a name that is none counts for nothing', async () => {
  earshot.ports.config.publicUrl = ''
  const linkWith = async (headers: OutgoingHttpHeaders) =>
    (await ask('/v1/sa/call', headers, proxy)).link.split('/v1/')[0]
  expect(await linkWith({ Host: 'inside:1', ...forwarded })).toBe('<https://calls.example.com')
  expect(await linkWith({ Host: 'inside:1', ...forwarded, 'X-Forwarded-Host': 'a/b"' })).toBe('<https://inside:1')
  earshot.ports.config.publicUrl = listening.url
})
