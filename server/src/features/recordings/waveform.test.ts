import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomFrom } from '../../../test/analytics/randomCalls.ts'
import { audioFile, wavFile } from '../../../test/audioFiles.ts'
import { flacFile } from '../../../test/madeAudio.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { AppError, type ErrorCode } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { giveWaveformUp, makeWaveform } from './makeWaveform.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
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
      await earshot.ports.postgres.first<{ waveform: string }>(
        sql`SELECT waveform FROM recordings WHERE id = ${recordingId}`,
      )
    )?.waveform
  await expect.poll(state, { interval: 20 }).not.toBe('pending')
  const waveform = await account.request('GET', `/v1/records/calls/${id}/waveform`)
  return { id, recordingId, waveform, call: await callOf(id), made: await state() }
}

async function callOf(id: string) {
  return (await account.request('GET', `/v1/records/calls/${id}`)).json.data
}

const tone = { durationSeconds: 3.5, channels: 1 }

test.each([
  ['tone-opus.ogg', 'audio/ogg', tone],
  ['tone-vorbis.ogg', 'audio/ogg', tone],
  ['tone.mp3', 'audio/mpeg', tone],
  ['tone.flac', 'audio/flac', tone],
  ['tone.mp4', 'audio/mp4', tone],
  ['tone.webm', 'audio/webm', tone],
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

describe('a recording whose loudness changes', () => {
  test.each([
    ['steps-browser.webm', 'audio/webm;codecs=opus'],
    ['steps-vorbis.webm', 'audio/webm'],
    ['steps-browser.mp4', 'audio/mp4;codecs=opus'],
    ['steps-moov-last.mp4', 'audio/x-m4a'],
    ['steps-fragmented.mp4', 'audio/mp4'],
    ['steps-mp3.mp4', 'audio/mp4'],
  ])('shows it in its waveform: %s', async (name, contentType) => {
    const { id, waveform } = await upload(audioFile(name), contentType, '?channels=1')
    expect(waveform.status).toBe(200)
    const { durationSeconds, channels } = waveform.json.data
    expect(Math.abs(durationSeconds - 4)).toBeLessThan(0.2)
    // What browsers write does not say it; the call is told once the waveform is stored.
    const told = async () => Math.abs((await callOf(id)).recordingDurationSeconds - 4)
    await expect.poll(told, { interval: 20 }).toBeLessThan(0.2)
    expect(channels).toHaveLength(1)
    expectSteps(channels[0], durationSeconds)
  })

  test('shows it for each channel', async () => {
    const { waveform } = await upload(audioFile('steps-stereo.mp4'), 'audio/mp4')
    const { durationSeconds, channels } = waveform.json.data
    const [left, right] = channels
    expectSteps(left, durationSeconds)
    expectSteps(
      right.map((peak: number) => peak * 4),
      durationSeconds,
    )
  })
})

/** Peaks of 0.8, 0.1, 0.4 and 0.02 of the greatest, a second each; encoders at low rates overshoot by up to half. */
function expectSteps(peaks: number[], durationSeconds: number): void {
  for (const [second, loudness] of [0.8, 0.1, 0.4, 0.02].entries()) {
    const at = (seconds: number): number => Math.round((seconds / durationSeconds) * peaks.length)
    const middle = peaks.slice(at(second + 0.25), at(second + 0.75))
    for (const peak of middle) {
      expect(peak, `second ${second}`).toBeGreaterThan(loudness * 255 * 0.75 - 4)
      expect(peak, `second ${second}`).toBeLessThan(loudness * 255 * 1.5 + 4)
    }
  }
}

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
  const random = randomFrom(3)
  /** The same each time. */
  const anyBytes = (count: number) => Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)))

  test.each([
    ['audio/ogg', Buffer.concat([Buffer.from('OggS'), anyBytes(50_000)])],
    ['audio/ogg', Buffer.concat([audioFile('tone-opus.ogg').subarray(0, 3000), anyBytes(50_000)])],
    ['audio/mpeg', Buffer.concat([Buffer.from('ID3'), anyBytes(50_000)])],
    ['audio/flac', Buffer.concat([Buffer.from('fLaC'), anyBytes(50_000)])],
    ['audio/flac', Buffer.concat([audioFile('tone.flac').subarray(0, 3000), anyBytes(50_000)])],
    ['audio/wav', Buffer.concat([Buffer.from('RIFF____WAVE'), anyBytes(50_000)])],
    ['audio/wav', Buffer.concat([Buffer.from('RIFF____WAVEfmt \xff\xff\xff\xff', 'latin1'), anyBytes(50_000)])],
    ['audio/mp4', Buffer.concat([Buffer.from('\0\0\0\x20ftyp'), anyBytes(50_000)])],
    ['audio/mp4', Buffer.concat([audioFile('steps-stereo.mp4').subarray(0, 3000), anyBytes(50_000)])],
    ['audio/webm', Buffer.concat([audioFile('steps-browser.webm').subarray(0, 3000), anyBytes(50_000)])],
    ['audio/webm', Buffer.concat([Buffer.from('\x1a\x45\xdf\xa3webm', 'latin1'), anyBytes(50_000)])],
  ])('is stored as it is, whatever it does to its decoder: %s', async (contentType, body) => {
    const { made } = await upload(body, contentType)
    expect(['none', 'made']).toContain(made)
  })

  test('holds up no other', async () => {
    const { waveform } = await upload(audioFile('tone.mp3'), 'audio/mp3')
    expect(waveform.status).toBe(200)
  })
})

test.runIf(existsSync('/proc/self/task'))(
  'a file that brings its decoder down is not tried again, and plays',
  async () => {
    const decoders = (): number[] =>
      readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
        .split(' ')
        .filter((pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('decodeProcess'))
        .map(Number)
    const body = flacFile(4000, 8)
    const uploading = upload(body, 'audio/flac')
    await expect.poll(decoders).toHaveLength(1)
    for (const pid of decoders()) process.kill(pid, 'SIGKILL')
    const { id, made, waveform } = await uploading
    expect([made, waveform.status]).toEqual(['none', 404])
    await expect
      .poll(() =>
        earshot.ports.postgres.query(sql`SELECT 1 FROM jobs WHERE account_id = ${account.id} AND kind = 'waveform'`),
      )
      .toEqual([])
    expect(decoders()).toEqual([])
    const link = await account.request('GET', `/api/v1/calls/${id}/recording`)
    expect(Buffer.from(await (await fetch(link.json.url)).arrayBuffer()).equals(body)).toBe(true)
  },
)

describe('a waveform whose job failed each time', () => {
  const reset = (recordingId: string) =>
    earshot.ports.postgres.run(sql`UPDATE recordings SET waveform = 'pending' WHERE id = ${recordingId}`)
  const stateOf = async (recordingId: string) =>
    (await earshot.ports.postgres.first<{ waveform: string; duration_seconds: number | null }>(sql`
      SELECT waveform, duration_seconds
      FROM recordings
      WHERE id = ${recordingId}`)) ?? { waveform: 'gone' }
  const jobOf = (recordingId: string) => ({
    id: randomUUID(),
    kind: 'waveform',
    accountId: account.id,
    input: { recordingId },
    attempt: 400,
    signal: new AbortController().signal,
  })

  test.each<ErrorCode>(['UNAVAILABLE', 'DISK_FULL'])('as a store was %s is made later', async (code) => {
    const { recordingId } = await upload(
      wavFile(1, () => [1]),
      'audio/wav',
    )
    await reset(recordingId)
    await giveWaveformUp(earshot.ports, jobOf(recordingId), new AppError(code, 'away'))
    expect(await stateOf(recordingId)).toMatchObject({ waveform: 'pending' })
    const dueLater = sql`UPDATE jobs SET run_at = now() WHERE account_id = ${account.id} AND run_at > now() + INTERVAL '1 minute'`
    expect(await earshot.ports.postgres.run(dueLater)).toBe(1)
    await expect.poll(() => stateOf(recordingId)).toMatchObject({ waveform: 'made' })
  })

  test('for any other reason is none', async () => {
    const { recordingId } = await upload(
      wavFile(1, () => [1]),
      'audio/wav',
    )
    await reset(recordingId)
    await giveWaveformUp(earshot.ports, jobOf(recordingId), new Error('broken'))
    expect(await stateOf(recordingId)).toMatchObject({ waveform: 'none' })
  })

  test('waits until the call has been told how long its recording is', async () => {
    const { recordingId } = await upload(audioFile('steps-browser.webm'), 'audio/webm')
    await reset(recordingId)
    await earshot.ports.postgres.run(sql`UPDATE recordings SET duration_seconds = NULL WHERE id = ${recordingId}`)
    const submit = () => Promise.reject(new AppError('UNAVAILABLE', 'away'))
    const away = { ...earshot.ports, recordLog: { ...earshot.ports.recordLog, submit } }
    await expect(makeWaveform(away, jobOf(recordingId))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await stateOf(recordingId)).toMatchObject({ waveform: 'pending', duration_seconds: null })
    await makeWaveform(earshot.ports, jobOf(recordingId))
    expect(await stateOf(recordingId)).toMatchObject({
      waveform: 'made',
      duration_seconds: expect.closeTo(4, 0) as number,
    })
  })
})
