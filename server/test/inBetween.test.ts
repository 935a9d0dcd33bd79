import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Ports } from '../src/ports.ts'
import { systemContext, type Context } from '../src/context.ts'
import { backUp } from '../src/features/backup/backUp.ts'
import type { FeedRequest } from '../src/features/feed/feedRequest.ts'
import { readFeed } from '../src/features/feed/readFeed.ts'
import { releaseCall } from '../src/features/feed/releaseCall.ts'
import { releaseHold } from '../src/features/holds/releaseHold.ts'
import { setHold } from '../src/features/holds/setHold.ts'
import { deleteRecord } from '../src/features/ingest/deleteRecord.ts'
import { makeWaveform } from '../src/features/recordings/makeWaveform.ts'
import { recordingKey } from '../src/features/recordings/recording.ts'
import { storeRecording } from '../src/features/recordings/storeRecording.ts'
import { changeMasterKeys } from '../src/features/masterKey/changeMasterKeys.ts'
import { startSession } from '../src/features/sessions/startSession.ts'
import { createUser } from '../src/features/users/createUser.ts'
import { updateUser } from '../src/features/users/updateUser.ts'
import { createEndpoint } from '../src/features/webhooks/createEndpoint.ts'
import { rotateEndpointSecret } from '../src/features/webhooks/rotateEndpointSecret.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { wavFile } from './audioFiles.ts'
import { numbersOf, phoneCall } from './feedCalls.ts'
import { otherProgram } from './inBetween.ts'
import { scratchFolder } from './program.ts'
import { openTestApp, type TestAccount, type TestApp } from './testApp.ts'

// What two programs do at once to the same thing: here one of them wholly between two statements of the other.

let earshot: TestApp
let account: TestAccount

beforeAll(async () => void (earshot = await openTestApp({ EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8' })))
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
  const call = { channel: 'phone', status: 'active', startedAt: '2026-05-03T14:05:07Z' }
  expect((await account.request('POST', '/v1/ingest/calls', [{ id: 'c', ...call }])).status).toBe(200)
  await earshot.ports.recordLog.flush(account.id)
})

const here = (): Context => systemContext(earshot.ports, account.id)
const promising = { fitting: /^\s*WITH committed AS/ }
/** When the call was read by which its recordings are judged. */
const settling = { fitting: /xmin::text AS version\s+FROM recordings/, count: 2 }

const everything: Omit<FeedRequest, 'page'> = {
  format: 'json',
  isConsecutive: false,
  afterNumber: 0,
  voicebotAppIds: [],
  agentIds: [],
  queueIds: [],
  internalEndpoints: [],
  sort: [],
  perPage: 2,
}

/** Does something in the one program before a statement of the other; what it did can be read then. */
async function between<Result>(
  place: { fitting: RegExp; count?: number },
  happens: () => Promise<unknown>,
  work: (context: Context) => Promise<Result>,
): Promise<Result> {
  const other = otherProgram(earshot.ports, place, async () => {
    await happens()
    await earshot.ports.recordLog.flush(account.id)
  })
  try {
    return await work(systemContext(other.ports, account.id))
  } finally {
    await other.ports.recordLog.drain()
    expect(other.isReached()).toBe(true)
  }
}

async function shown(): Promise<Record<string, unknown>> {
  return (await account.request('GET', '/v1/records/calls/c')).json.data
}

const upload = (context: Context, seconds: number) =>
  storeRecording(context, {
    callId: 'c',
    contentType: 'audio/wav',
    content: Readable.from([wavFile(seconds, () => [0.5])]),
    durationSeconds: undefined,
    channels: undefined,
    isAnnounced: true,
  })

const recordings = () =>
  earshot.ports.postgres.query<{ id: string; state: string; is_synced: boolean }>(sql`
    SELECT id, state, check_at IS NULL AS is_synced
    FROM recordings
    WHERE account_id = ${account.id}
    ORDER BY created_at`)

test('a legal hold that is set while it is released holds the call', async () => {
  await setHold(here(), { callId: 'c', reason: 'first' })
  await between(
    promising,
    () => setHold(here(), { callId: 'c', reason: 'again' }),
    (context) => releaseHold(context, { callId: 'c' }),
  )
  expect(await shown()).toMatchObject({ legalHold: true })
  await expect(deleteRecord(here(), 'calls', 'c')).rejects.toThrow('legal hold')
})

test('the recording of a call that is deleted while it is uploaded is gone', async () => {
  await between(
    settling,
    () => deleteRecord(here(), 'calls', 'c'),
    (context) => upload(context, 1),
  )
  expect(await recordings()).toMatchObject([{ state: 'removed', is_synced: false }])
})

test('of two recordings that come at once the last one stays, whichever upload ends first', async () => {
  let last = ''
  await between(
    settling,
    async () => (last = (await upload(here(), 2)).recordingId),
    (context) => upload(context, 1),
  )
  expect((await recordings()).filter(({ state }) => state === 'stored')).toEqual([
    { id: last, state: 'stored', is_synced: true },
  ])
  expect(await shown()).toMatchObject({ recordingId: last })
})

test('the duration of a recording is not told of the one that took its place', async () => {
  const { recordingId } = await upload(here(), 1)
  await earshot.ports.postgres.run(sql`UPDATE recordings SET duration_seconds = NULL WHERE id = ${recordingId}`)
  const job = { id: recordingId, kind: 'waveform', accountId: account.id, input: { recordingId }, attempt: 1 }
  await between(
    promising,
    () => upload(here(), 3),
    ({ ports }: { ports: Ports }) => makeWaveform(ports, { ...job, signal: new AbortController().signal }),
  )
  expect(await shown()).toMatchObject({ recordingDurationSeconds: 3 })
})

test('a call that ends while it is released is not made an error', async () => {
  const ended = { id: 'c', status: 'completed', durationSeconds: 60, phase: 'DONE' }
  await expect(
    between(
      promising,
      () => account.request('POST', '/v1/ingest/calls', [ended]),
      (context) => releaseCall(context, { id: 'c' }),
    ),
  ).rejects.toThrow('is DONE')
  expect(await shown()).toMatchObject({ phase: 'DONE' })
})

test.each([{ password: 'another-one-of-20-letters' }, { disabled: true }])(
  'nobody signs in with what is no longer theirs: %j',
  async (change) => {
    const password = 'the-first-one-of-20-letters'
    const user = { email: `${account.id}@example.com`, name: 'Ana', role: 'analyst', password }
    const { id } = await createUser(here(), user)
    await expect(
      between(
        { fitting: /FROM users\s+WHERE account_id = \$1\s+AND id = \$2\s+AND password_hash/ },
        () => updateUser(here(), { userId: id, ...change }),
        ({ ports }) =>
          startSession(ports, {
            email: user.email,
            password,
            address: '192.0.2.1',
            userAgent: 'test',
          }),
      ),
    ).rejects.toThrow('wrong')
    expect(await earshot.ports.postgres.query(sql`SELECT 1 FROM sessions WHERE account_id = ${account.id}`)).toEqual([])
  },
)

/** Reads pages of two calls, under the account's key. */
async function feedReader(): Promise<(context: Context, page: number) => Promise<number[]>> {
  const key = await earshot.ports.postgres.first<{ id: string }>(sql`
    SELECT id
    FROM api_keys
    WHERE account_id = ${account.id}`)
  return async (context, page) => {
    const actor = { kind: 'key' as const, keyId: key?.id ?? '', scopes: ['calls:read' as const] }
    const { body } = await readFeed({ ...context, actor }, { ...everything, page })
    return numbersOf({ json: JSON.parse(await text(Readable.from(body))) })
  }
}

test('a page of the feed that is asked for again, as its answer does not come, is the one that the next follows', async () => {
  const more = ['d', 'e', 'f', 'g', 'h'].map((id) => phoneCall(id))
  await account.request('POST', '/v1/ingest/calls', more)
  const numbers = await feedReader()
  expect(await numbers(here(), 1)).toEqual([1, 2])
  await between(
    { fitting: /INSERT INTO feed_pages/ },
    async () => {
      await deleteRecord(here(), 'calls', 'f')
      expect(await numbers(here(), 2)).toEqual([3, 5])
      expect(await numbers(here(), 3)).toEqual([6])
    },
    (context) => numbers(context, 2),
  )
  expect(await numbers(here(), 3)).toEqual([6])
})

test('of two administrators who disable each other one stays', async () => {
  const password = 'one-of-more-than-20-letters'
  const [ana, ben] = await Promise.all(
    ['ana', 'ben'].map((name) =>
      createUser(here(), { email: `${name}${account.id}@example.com`, name, role: 'admin', password }),
    ),
  )
  const as = (context: Context, userId = ''): Context => {
    return { ...context, actor: { kind: 'user', userId, scopes: ['*'] } }
  }
  await expect(
    between(
      { fitting: /FROM users.*FOR UPDATE/s },
      () => updateUser(as(here(), ana?.id), { userId: ben?.id ?? '', disabled: true }),
      (context) => updateUser(as(context, ben?.id), { userId: ana?.id ?? '', disabled: true }),
    ),
  ).rejects.toThrow('lacks the scope admin')
})

test.each(['createEndpoint', 'rotateEndpointSecret'])('no master key is dropped under a secret: %s', async (verb) => {
  const made = {
    url: 'http://127.0.0.1:9/hook',
    events: ['*' as const],
    description: null,
    secret: undefined,
    isActive: true,
  }
  const { endpoint } = await createEndpoint(here(), made)
  let isDropped = false
  await between(
    { fitting: /INTO audit_events/ },
    async () => {
      void changeMasterKeys(earshot.ports, async () => void (isDropped = true))
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(isDropped).toBe(false)
    },
    async (context) => {
      if (verb === 'createEndpoint') await createEndpoint(context, made)
      else await rotateEndpointSecret(context, endpoint.id, { overlapSeconds: 0 })
    },
  )
  await expect.poll(() => isDropped).toBe(true)
})

test('a reader of the feed goes on where it was, also when another one with its key begins anew', async () => {
  await account.request(
    'POST',
    '/v1/ingest/calls',
    ['d', 'e', 'f', 'g', 'h', 'i', 'j'].map((id) => phoneCall(id)),
  )
  const read = await feedReader()
  expect([await read(here(), 1), await read(here(), 2)]).toEqual([
    [1, 2],
    [3, 4],
  ])
  await deleteRecord(here(), 'calls', 'd')
  expect(await read(here(), 1)).toEqual([1, 3])
  expect(await read(here(), 3)).toEqual([5, 6])
})

test('a recording that goes while a backup is made, whose tables still name it, is in the backup', async () => {
  const { recordingId } = await upload(here(), 1)
  const { postgres, files } = earshot.ports
  // Its PostgreSQL is shared with other tests, as a server is, but one for itself would do no otherwise.
  const config = { ...earshot.ports.config, databaseUrl: '' }
  const transaction: typeof postgres.transaction = async (work) => {
    const taken = await postgres.transaction(work)
    await files.remove(recordingKey(recordingId))
    return taken
  }
  const scratch = await scratchFolder()
  const target = join(scratch.path, 'backup')
  await backUp({ ...earshot.ports, config, postgres: { ...postgres, transaction } }, { target })
  expect(existsSync(join(target, 'files', recordingKey(recordingId)))).toBe(true)
  await scratch.remove()
})
