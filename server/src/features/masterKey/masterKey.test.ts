import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { wavFile } from '../../../test/audioFiles.ts'
import { storedBytes } from '../../../test/files/storedBytes.ts'
import { signedRequest } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { openFiles } from '../../store/files/openFiles.ts'
import { openSecrets, secretsUnder } from '../../store/secrets/secrets.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { backUp } from '../backup/backUp.ts'
import { recordingKey } from '../recordings/recording.ts'
import { recordingLink } from '../recordings/recordingLink.ts'
import { dropOldMasterKeys } from './dropOldMasterKeys.ts'
import { masterKeyUse } from './masterKeyUse.ts'
import { rotateMasterKey } from './rotateMasterKey.ts'
import { sealedColumns } from './sealedSecrets.ts'

let earshot: TestApp
let account: TestAccount
const audio = wavFile(1, () => [0.5])

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})
afterAll(() => earshot.close())

const keyFile = () => join(earshot.ports.config.dataDirectory, 'master.key')
const keys = async () => (await readFile(keyFile(), 'utf8')).trim().split('\n')
const stored = () => storedBytes(earshot.ports.config)
const rotate = () => rotateMasterKey(earshot.ports, earshot.ports.files)

let calls = 0

async function upload(): Promise<{ callId: string; id: string; url: string }> {
  const callId = `call-${++calls}`
  const call = { id: callId, channel: 'phone', status: 'active', startedAt: '2026-11-20T10:00:00Z' }
  await account.request('POST', '/v1/ingest/calls', call)
  const sent = await account.request(
    'PUT',
    `/v1/ingest/calls/${callId}/recording?durationSeconds=1&channels=1`,
    audio,
    {
      'Content-Type': 'audio/wav',
    },
  )
  const { url } = await recordingLink(systemContext(earshot.ports, account.id), callId)
  return { callId, id: sent.json.data.recordingId, url }
}

async function plays(url: string): Promise<boolean> {
  const answer = await fetch(url)
  return answer.status === 200 && Buffer.from(await answer.arrayBuffer()).equals(audio)
}

/** Whether a signed request still works, which opens the sealed HMAC secret. */
async function signs(): Promise<boolean> {
  const path = '/api/v1/exports/01234567-89ab-cdef-0123-456789abcdef'
  return (await signedRequest(earshot, account, 'GET', path)).status === 404
}

test('files, links and secrets work before, during and after; then the old key can go', async () => {
  const before = await upload()
  const sealed = await stored().read(recordingKey(before.id))
  const [old = ''] = await keys()
  const during: boolean[] = []
  const result = await rotateMasterKey(earshot.ports, earshot.ports.files, () => {
    plays(before.url).then(
      (works) => during.push(works),
      () => during.push(false),
    )
  })
  expect(result.failures).toEqual([])
  expect(result.files).toBeGreaterThan(0)
  expect(result.secrets).toBeGreaterThanOrEqual(2)
  expect(await keys()).toEqual([expect.not.stringMatching(old), old])
  await expect.poll(() => during.length).toBe(result.seen)
  expect(during).not.toContain(false)
  // Only the header was written anew.
  const rewrapped = await stored().read(recordingKey(before.id))
  expect(rewrapped.subarray(144).equals(sealed.subarray(144))).toBe(true)
  expect(rewrapped.equals(sealed)).toBe(false)
  const after = await upload()
  expect(await dropOldMasterKeys(earshot.ports, earshot.ports.files)).toHaveLength(1)
  expect(await keys()).toHaveLength(1)
  expect(await plays(before.url)).toBe(false)
  expect(await plays((await recordingLink(systemContext(earshot.ports, account.id), before.callId)).url)).toBe(true)
  expect(await plays(after.url)).toBe(true)
  expect((await account.request('GET', '/v1/admin/account')).status).toBe(200)
  expect(await signs()).toBe(true)
})

test('another process that has the old key in memory goes on with the new one', async () => {
  const { id } = await upload()
  const files = await openFiles(earshot.ports.config, openSecrets(earshot.ports.config), earshot.ports.log)
  await rotateMasterKey(earshot.ports, earshot.ports.files)
  await dropOldMasterKeys(earshot.ports, earshot.ports.files)
  const read = await files.read(recordingKey(id))
  expect(Buffer.concat((await read?.content.toArray()) ?? []).equals(audio)).toBe(true)
  await files.put('exports/other', ReadableStream.from([audio]))
  expect(await earshot.ports.files.size('exports/other')).toBe(audio.length)
  await files.remove('exports/other')
})

describe('while it is counted what is under which key, another rotation', () => {
  /** The files, whose first listing waits for a rotation by another process, or for a moment if that waits in turn. */
  function besideRotation() {
    const { files } = earshot.ports
    let other: Promise<unknown> | undefined
    return {
      ended: () => other,
      files: {
        ...files,
        async *list(prefix: string) {
          yield* files.list(prefix)
          other ??= rotate()
          await Promise.race([other, wait(300)])
        },
      },
    }
  }

  afterEach(async () => {
    await rotate()
    await dropOldMasterKeys(earshot.ports, earshot.ports.files)
  })

  test('loses no key to a rotation', async () => {
    const { url } = await upload()
    const beside = besideRotation()
    await rotateMasterKey(earshot.ports, beside.files)
    await beside.ended()
    expect(await plays(url)).toBe(true)
    expect(await signs()).toBe(true)
  })

  test('loses no key to the end of the old ones', async () => {
    await rotate()
    const [current] = await keys()
    const beside = besideRotation()
    await dropOldMasterKeys(earshot.ports, beside.files)
    await beside.ended()
    expect(await keys()).toContain(current)
    expect(await signs()).toBe(true)
  })
})

test('what broke off goes on with the same key, and the old one is kept until then', async () => {
  const recordings = [await upload(), await upload(), await upload()]
  const { ports } = earshot
  let left = 2
  const breaking = {
    ...ports.files,
    async *list(prefix: string) {
      for await (const key of ports.files.list(prefix)) {
        if (left-- === 0) throw new Error('killed')
        yield key
      }
    },
  }
  // The first listing only counts; the second one re-wraps.
  const counting = {
    ...ports.files,
    list: (prefix: string) => (left === 2 ? countedOnce(prefix) : breaking.list(prefix)),
  }
  let counted = false
  async function* countedOnce(prefix: string) {
    if (counted) return yield* breaking.list(prefix)
    counted = true
    yield* ports.files.list(prefix)
  }
  await expect(rotateMasterKey(ports, counting)).rejects.toThrow('killed')
  const [current] = await keys()
  expect(await keys()).toHaveLength(2)
  for (const { url } of recordings) expect(await plays(url)).toBe(true)
  await expect(dropOldMasterKeys(ports, ports.files)).rejects.toMatchObject({ code: 'CONFLICT' })
  const done = await rotate()
  expect(done.failures).toEqual([])
  expect(await keys()).toEqual([current, expect.any(String)])
  expect((await masterKeyUse(ports, ports.files)).map(({ secrets, files }) => secrets + files > 0)).toEqual([
    true,
    false,
  ])
  for (const { url } of recordings) expect(await plays(url)).toBe(true)
})

describe('a file whose re-wrapping broke off', () => {
  test.each([
    ['while the new key was written', 0, 30],
    ['after the new key was written', 0, 65],
    ['while the old key was cleared', 20, 65],
  ])('opens: %s', async (_, cleared, written) => {
    const { id, callId } = await upload()
    const before = await stored().read(recordingKey(id))
    await rotate()
    const after = await stored().read(recordingKey(id))
    const torn = Buffer.from(before)
    // The first place held the key before, the second holds it now.
    after.copy(torn, 14 + 65, 14 + 65, 14 + 65 + written)
    torn.fill(0, 14, 14 + cleared)
    await stored().write(recordingKey(id), torn)
    const link = async () => (await recordingLink(systemContext(earshot.ports, account.id), callId)).url
    expect(await plays(await link())).toBe(true)
    expect(await earshot.ports.files.rewrap(recordingKey(id))).toBe(true)
    expect(await earshot.ports.files.rewrap(recordingKey(id))).toBe(false)
    expect(await plays(await link())).toBe(true)
    await dropOldMasterKeys(earshot.ports, earshot.ports.files)
    expect(await plays(await link())).toBe(true)
  })
})

test('a file under a key that is lost is told of, and holds nothing up', async () => {
  const { id } = await upload()
  const good = await stored().read(recordingKey(id))
  const foreign = secretsUnder(randomBytes(32)).newDataKey().wrapped
  const bad = Buffer.from(good)
  bad.fill(0, 14, 14 + 130)
  foreign.copy(bad, 14)
  await stored().write(recordingKey(id), bad)
  const done = await rotate()
  expect(done.failures).toEqual([expect.stringContaining(`${recordingKey(id)}: Sealed under the master key`)])
  expect((await masterKeyUse(earshot.ports, earshot.ports.files)).filter(({ isKnown }) => !isKnown)).toMatchObject([
    { files: 1, secrets: 0 },
  ])
  expect(await plays((await upload()).url)).toBe(true)
  await stored().write(recordingKey(id), good)
  expect((await rotate()).failures).toEqual([])
})

test('every sealed column of the control database is known to the rotation', async () => {
  const columns = await earshot.ports.postgres.query<{ name: string }>(sql`
    SELECT table_name || '.' || column_name AS name
    FROM information_schema.columns
    WHERE table_schema = 'public'
      AND data_type = 'bytea'
      AND column_name LIKE '%secret%'
    ORDER BY name`)
  expect(sealedColumns.map(({ table, column }) => `${table}.${column}`).toSorted()).toEqual(
    columns.map(({ name }) => name),
  )
})

test('a backup beside a change is not made: it would hold other keys than it needs', async () => {
  const { ports } = earshot
  const embedded = { ...ports, config: { ...ports.config, databaseUrl: '' } }
  const target = join(ports.config.dataDirectory, 'backup')
  let changed: Promise<unknown> | undefined
  const clickhouse = {
    ...ports.clickhouse,
    // The control database's snapshot is taken when the first table is frozen.
    async command(...given: Parameters<typeof ports.clickhouse.command>) {
      await ports.clickhouse.command(...given)
      await (changed ??= rotate().then(() => dropOldMasterKeys(ports, ports.files)))
    },
  }
  await expect(backUp({ ...embedded, clickhouse }, { target })).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(existsSync(target)).toBe(false)
  await backUp(embedded, { target })
  expect(await readFile(join(target, 'master.key'), 'utf8')).toBe(await readFile(keyFile(), 'utf8'))
})
