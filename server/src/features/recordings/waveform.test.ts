import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioFile, wavFile } from '../../../test/audioFiles.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { sql } from '../../store/postgres.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.app.jobs.start()
  account = await earshot.account()
})
afterAll(() => earshot.close())

let calls = 0

/** A fresh call with this recording, and what became of its waveform. */
async function upload(body: Buffer, contentType: string, query = '') {
  const id = `call-${++calls}`
  await account.request('POST', '/v1/ingest/calls', {
    id,
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-11-20T10:00:00Z',
    durationSeconds: 60,
  })
  const sent = await account.request('PUT', `/v1/ingest/calls/${id}/recording${query}`, body, {
    'Content-Type': contentType,
  })
  expect(sent).toMatchObject({ status: 200, json: { data: { callId: id, bytes: body.length } } })
  const { recordingId } = sent.json.data
  const state = async () =>
    (
      await earshot.app.postgres.first<{ waveform: string }>(
        sql`SELECT waveform FROM recordings WHERE id = ${recordingId}`,
      )
    )?.waveform
  await expect.poll(state, { timeout: 20_000, interval: 20 }).not.toBe('pending')
  const waveform = await account.request('GET', `/v1/records/calls/${id}/waveform`)
  const call = await account.request('GET', `/v1/records/calls/${id}`)
  return { id, recordingId, waveform, call: call.json.data, made: await state() }
}

const tone = { durationSeconds: 3.5, channels: 1 }

test.each([
  ['tone-opus.ogg', 'audio/ogg', tone],
  ['tone-vorbis.ogg', 'audio/ogg', tone],
  ['tone.mp3', 'audio/mpeg', tone],
  ['tone.flac', 'audio/flac', tone],
  ['tone-mulaw.wav', 'audio/x-wav', { durationSeconds: 1, channels: 1 }],
])('%s says how long it is, and has a waveform of its loudness', async (name, contentType, expected) => {
  const { waveform, call } = await upload(audioFile(name), contentType)
  expect(call.recordingDurationSeconds).toBeCloseTo(expected.durationSeconds, 0.4)
  expect(waveform.status).toBe(200)
  const { durationSeconds, channels } = waveform.json.data
  expect(durationSeconds).toBeCloseTo(expected.durationSeconds, 0.4)
  expect(channels).toHaveLength(expected.channels)
  expect(channels[0].length).toBeGreaterThan(200)
  expect(channels[0].length).toBeLessThanOrEqual(1000)
  // ffmpeg's sine has an amplitude of an eighth.
  const middle = channels[0].slice(100, -100)
  for (const peak of middle) expect(Math.abs(peak - 32)).toBeLessThan(16)
})

test.each([
  ['tone.mp4', 'audio/mp4'],
  ['tone.webm', 'audio/webm'],
])('%s says how long it is; it has no waveform, and says why', async (name, contentType) => {
  const { waveform, call, made } = await upload(audioFile(name), contentType)
  expect(call.recordingDurationSeconds).toBeCloseTo(3.5, 0.4)
  expect([waveform.status, made]).toEqual([404, 'none'])
  expect(waveform.json.error.message).toContain('cannot be decoded')
})

describe('a WAV file', () => {
  test('has a peak for each part of each channel, at its place', async () => {
    const { waveform } = await upload(
      wavFile(20, (second) => [second < 10 ? 1 : 0, 0.5]),
      'audio/wav',
    )
    const [left, right] = waveform.json.data.channels
    expect(left).toHaveLength(1000)
    expect(new Set(left.slice(0, 499))).toEqual(new Set([255]))
    expect(new Set(left.slice(501))).toEqual(new Set([0]))
    expect(right.every((peak: number) => Math.abs(peak - 128) <= 1)).toBe(true)
  })

  test('with a given duration keeps it', async () => {
    const { call } = await upload(
      wavFile(1, () => [1]),
      'audio/wav',
      '?durationSeconds=7.25&channels=2',
    )
    expect(call.recordingDurationSeconds).toBe(7.25)
  })
})

describe('a broken file', () => {
  test.each([
    ['audio/ogg', Buffer.concat([Buffer.from('OggS'), randomBytes(50_000)])],
    ['audio/ogg', Buffer.concat([audioFile('tone-opus.ogg').subarray(0, 3000), randomBytes(50_000)])],
    ['audio/mpeg', Buffer.concat([Buffer.from('ID3'), randomBytes(50_000)])],
    ['audio/flac', Buffer.concat([Buffer.from('fLaC'), randomBytes(50_000)])],
    ['audio/flac', Buffer.concat([audioFile('tone.flac').subarray(0, 3000), randomBytes(50_000)])],
    ['audio/wav', Buffer.concat([Buffer.from('RIFF____WAVE'), randomBytes(50_000)])],
    ['audio/wav', Buffer.concat([Buffer.from('RIFF____WAVEfmt \xff\xff\xff\xff', 'latin1'), randomBytes(50_000)])],
    ['audio/mp4', Buffer.concat([Buffer.from('\0\0\0\x20ftyp'), randomBytes(50_000)])],
    ['audio/webm', Buffer.concat([Buffer.from('\x1a\x45\xdf\xa3webm', 'latin1'), randomBytes(50_000)])],
  ])('is stored as it is, whatever it does to its decoder: %s', async (contentType, body) => {
    const { made } = await upload(body, contentType)
    expect(['none', 'made']).toContain(made)
  })

  test('holds up no other', async () => {
    const { waveform } = await upload(audioFile('tone.mp3'), 'audio/mp3')
    expect(waveform.status).toBe(200)
  })
})
