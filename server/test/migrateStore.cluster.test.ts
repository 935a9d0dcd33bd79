import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openPorts } from '../src/compose.ts'
import { removeServeFile, writeServeFile } from '../src/cli/serveFile.ts'
import { loadConfig } from '../src/config.ts'
import { moveStore, type MoveResult } from '../src/features/migrateStore/moveStore.ts'
import { openTarget, type OpenedTarget } from '../src/features/migrateStore/openTarget.ts'
import { isSame, type Comparison, type MoveProgress } from '../src/features/migrateStore/storeMove.ts'
import { openLog } from '../src/log.ts'
import { newClient } from '../src/store/postgres/postgres.ts'
import { readAllChanges } from './changes/follow.ts'
import { ingest, phoneCall } from './feedCalls.ts'
import { answersOf, audio, fillFolder, openEmbedded, type FilledFolder } from './migrateStore/folder.ts'
import { ask, dropServers, emptyBucket, emptyServers, oneServer, type Settings } from './migrateStore/servers.ts'
import { run, scratchFolder, start, until } from './program.ts'
import { openTestApp, type TestAccount, type TestApp } from './testApp.ts'
import type { TestDatabase } from './testPostgres.ts'

// The program is started again and again, beside two shards and two databases.
vi.setConfig({ testTimeout: 240_000 })

let folder: Awaited<ReturnType<typeof scratchFolder>>
let moved: FilledFolder
let from: string

beforeAll(async () => {
  folder = await scratchFolder()
  from = join(folder.path, 'embedded')
  moved = await fillFolder(from)
})

afterAll(async () => {
  await folder.remove()
  await dropServers()
})

test('what cannot be moved is refused before anything is touched', async () => {
  const { settings, database } = await emptyServers(folder.path, 'refused')
  const filled = await emptyServers(folder.path, 'filled')
  await ask(
    filled.database,
    `INSERT INTO accounts (name, account_uuid, context_uuid, jwt_secret, created_at)
     VALUES ('there', gen_random_uuid(), gen_random_uuid(), '', now()) RETURNING id AS answer`,
  )
  const refusal = async (given: Settings, place = from) => {
    const { code, stdout, stderr } = await run(given, 'migrate-store', '--from', place)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^earshot: .+\n$/)
    return stderr
  }
  const [toNowhere, fromNowhere, otherKey] = await Promise.all([
    refusal({ EARSHOT_DATA_DIR: join(folder.path, 'refused') }),
    refusal(settings, folder.path),
    refusal({ ...settings, EARSHOT_MASTER_KEY: 'ab'.repeat(32) }),
  ])
  expect(toNowhere).toContain('set EARSHOT_CLICKHOUSE_URL')
  expect(fromNowhere).toContain('it must be a data folder')
  expect(otherKey).toContain(join(from, 'master.key'))
  expect(await refusal(filled.settings)).toContain('its PostgreSQL has rows in accounts')

  const other = newClient(database.options)
  await other.connect()
  await writeServeFile(from, 'http://127.0.0.1:1')
  expect(await refusal(settings)).toContain(`is in use by the server with pid ${process.pid}`)
  await removeServeFile(from)
  expect(await refusal(settings)).toContain('is in use by another Earshot')
  await other.end()
  expect(existsSync(join(folder.path, 'refused', 'master.key'))).toBe(false)
})

test('a move that is killed and stopped goes on; then every surface answers as before, on two shards and a bucket', async () => {
  const { settings, database } = await emptyServers(folder.path, 'servers', emptyBucket())
  const checked = await run(settings, 'migrate-store', '--from', from, '--check')
  expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('The target is empty') })
  const arrived = () => ask(database, 'SELECT count(*) AS answer FROM store_move_shares WHERE is_moved')
  const quicken = await slowDown(database)
  const killed = start(settings, 'migrate-store', '--from', from)
  await until('a part is moved', async () => (await arrived()) >= 3)
  killed.process.kill('SIGKILL')
  expect((await killed.ended).signal).toBe('SIGKILL')
  const stopped = start(settings, 'migrate-store', '--from', from)
  const before = await arrived()
  await until('it goes on', async () => (await arrived()) > before)
  stopped.process.kill('SIGINT')
  expect(await stopped.ended).toMatchObject({ code: 1, stderr: expect.stringContaining('the same command goes on') })
  expect(await ask(database, 'SELECT count(*) AS answer FROM accounts')).toBe(0)
  await quicken()
  const early = await run(settings, 'keys', 'create', '--account', 'acme', '--scopes', '*')
  expect(early.stderr).toContain('is being moved into these engines')

  const { code, stdout, stderr } = await run(settings, 'migrate-store', '--from', from, '--json')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  const result = JSON.parse(stdout)
  expect(result.state).toBe('complete')
  expect(result.tables.filter((table: Comparison) => !isSame(table))).toEqual([])
  const rows = Object.fromEntries(result.tables.map((table: Comparison) => [table.table, table.targetRows]))
  expect(rows).toMatchObject({ calls: 361, accounts: 2, webhook_endpoints: 1, users: 1, recordings: 1 })
  expect(rows['files']).toBeGreaterThanOrEqual(2)
  expect(existsSync(join(settings['EARSHOT_DATA_DIR'] ?? '', 'master.key'))).toBe(true)
  const again = await run(settings, 'migrate-store', '--from', from)
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('there is nothing to do') })

  const earshot = await openTestApp(settings)
  try {
    await expectSame(earshot)
  } finally {
    await earshot.close()
  }
})

/** Lets each note of what has been moved take its time, so that there is some in which a move can be ended; gives its end. */
async function slowDown({ options }: TestDatabase): Promise<() => Promise<void>> {
  const client = newClient(options, 'test')
  await client.connect()
  await client.query(`
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_sleep(0.3);
      RETURN new;
    END $$;
    CREATE TRIGGER take_time BEFORE INSERT OR UPDATE ON store_move_shares FOR EACH ROW EXECUTE FUNCTION take_time()`)
  return async () => {
    await client.query('DROP FUNCTION take_time CASCADE')
    await client.end()
  }
}

async function expectSame(earshot: TestApp): Promise<void> {
  const fresh = await earshot.account()
  const asAccount = (index: number): Pick<TestAccount, 'request'> => ({
    request: (method, path, body, headers) =>
      fresh.request(method, path, body, { 'X-Api-Key': moved.keys[index] ?? '', ...headers }),
  })
  for (const [index, before] of moved.answers.entries()) {
    expect(await answersOf(asAccount(index))).toEqual(before)
    expect((await readAllChanges(asAccount(index), 'calls', { cursor: moved.cursors[index] })).rows).toEqual([])
  }
  const two = asAccount(1)
  const link = await two.request('GET', `/api/v1/calls/recorded/recording`)
  const played = Buffer.from(await (await fetch(link.json.url)).arrayBuffer())
  expect(createHash('sha256').update(played).digest('hex')).toBe(createHash('sha256').update(audio).digest('hex'))
  const { data } = (await two.request('GET', `/v1/exports/${moved.exported}`)).json
  expect(await (await fetch(data.files[0].downloadUrl)).text()).toBe(moved.bytes)
  // What comes next takes the next number, and is announced as the next change.
  const sent = await two.request('POST', '/v1/ingest/calls', [phoneCall('after-the-move')])
  expect(sent.json.data).toMatchObject({ created: 1 })
  const changes = await readAllChanges(two, 'calls', { cursor: moved.cursors[1] })
  expect(changes.rows).toMatchObject([{ id: 'after-the-move', number: 62 }])
  const user = await two.request('POST', '/v1/session', { email: 'eva@example.com', password: 'a long password' })
  expect(user.status).toBeLessThan(300)
}

/**
 * Moves within this process; `beforeMoving` and `beforeComparing` are done to the servers in between, `signal` may end it
 * before.
 */
async function moveHere(
  settings: Settings,
  {
    beforeMoving,
    beforeComparing,
    signal,
    onProgress = () => {},
  }: {
    beforeMoving?: () => Promise<unknown>
    beforeComparing?: (target: OpenedTarget) => Promise<void>
    signal?: AbortSignal
    onProgress?: (progress: MoveProgress) => void
  },
): Promise<MoveResult> {
  const masterKey = readFileSync(join(from, 'master.key'), 'utf8').trim()
  const shared = { EARSHOT_MASTER_KEY: masterKey, EARSHOT_LOG_LEVEL: 'fatal' }
  const config = loadConfig({ ...settings, ...shared })
  const log = openLog(config)
  const target = await openTarget(config, log, () => {})
  const source = await openPorts(loadConfig({ EARSHOT_DATA_DIR: from, ...shared }), log, () => {})
  const { clickhouse } = target
  const syncReplicas = async () => {
    await clickhouse.syncReplicas()
    await beforeComparing?.(target)
  }
  try {
    await beforeMoving?.()
    return await moveStore({
      source,
      target: { ...target, clickhouse: { ...clickhouse, syncReplicas } },
      signal: signal ?? new AbortController().signal,
      onProgress,
    })
  } finally {
    await source.close()
    await target.close()
  }
}

test('a server that started on the target while it was looked at is found, and so is what it left', async () => {
  const { settings, database } = await emptyServers(folder.path, 'beside', oneServer())
  const server = newClient(database.options)
  const beside = moveHere(settings, { beforeMoving: () => server.connect() })
  await expect(beside).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('another Earshot') })
  await server.end()
  const addAccount = `
    INSERT INTO accounts (name, account_uuid, context_uuid, jwt_secret, created_at)
    VALUES ('there', gen_random_uuid(), gen_random_uuid(), '', now())
    RETURNING id AS answer`
  const occupied = moveHere(settings, { beforeMoving: () => ask(database, addAccount) })
  await expect(occupied).rejects.toMatchObject({ message: expect.stringContaining('has rows in accounts') })
  // Neither leaves a note that would keep the server from starting again.
  expect(await ask(database, 'SELECT count(*) AS answer FROM store_moves')).toBe(0)
})

test('rows that are changed, gone or too many on the servers are found, and mended by the next run', async () => {
  const { settings, database } = await emptyServers(folder.path, 'tampered')
  // As in a folder whose server keeps its files in a bucket, which the target is not given at first.
  const files = join(from, 'files')
  await rename(files, join(folder.path, 'bucket'))
  const { failure, comparisons } = await moveHere(settings, {
    async beforeComparing({ clickhouse }) {
      for (const statement of [
        "ALTER TABLE calls UPDATE notes = 'other' WHERE number = 7 SETTINGS mutations_sync = 2",
        "ALTER TABLE turns DELETE WHERE id = 'final-1' AND account_id = 1 SETTINGS mutations_sync = 2",
      ]) {
        await clickhouse.command(statement, {}, { onEveryNode: true })
      }
      // Every node has all agents; one has too many.
      const second = clickhouse.nodes()[1]
      const [row] = (await second?.rows<{ database: string }>('SELECT currentDatabase() AS database')) ?? []
      await second?.command(
        `INSERT INTO ${row?.database}_shard.agents (account_id, id, batch) VALUES (2, 'stranger', 9)`,
      )
    },
  })
  const wrong = comparisons.filter((compared) => !isSame(compared))
  expect(wrong.map(({ table, sourceRows, targetRows }) => [table, targetRows - sourceRows])).toEqual([
    ['agents', 1],
    ['calls', 0],
    ['turns', -1],
    ['recordings in EARSHOT_FILES', -1],
  ])
  expect(failure).toContain('differs from the folder in agents, calls, turns, recordings in EARSHOT_FILES.')
  expect(await ask(database, 'SELECT count(*) AS answer FROM accounts')).toBe(0)
  expect(await ask(database, 'SELECT count(*) AS answer FROM store_moves WHERE completed_at IS NULL')).toBe(1)

  await rm(files, { recursive: true })
  await cp(join(folder.path, 'bucket'), join(settings['EARSHOT_DATA_DIR'] ?? '', 'files'), { recursive: true })
  const next = await moveHere(settings, {})
  expect(next.failure).toBe('')
  expect(next.comparisons.filter((compared) => !isSame(compared))).toEqual([])
  expect(next.comparisons.find(({ kind }) => kind === 'files')).toMatchObject({ sourceRows: 1, targetRows: 1 })
  await rm(files, { recursive: true })
  await rename(join(folder.path, 'bucket'), files)
})

test('a folder that was served between two runs is moved as it is in the end', async () => {
  const { settings, database } = await emptyServers(folder.path, 'late', { ...oneServer(), EARSHOT_DATA_DIR: from })
  const stopping = new AbortController()
  const stopped = moveHere(settings, {
    signal: stopping.signal,
    onProgress: ({ what }) => what === 'turns' && stopping.abort(new Error('stopped')),
  })
  await expect(stopped).rejects.toThrow('stopped')
  expect(
    await ask(database, "SELECT count(*) AS answer FROM store_move_shares WHERE table_name = 'calls' AND is_moved"),
  ).toBe(2)
  const earshot = await openEmbedded(from)
  const account = await earshot.account()
  await ingest(account, 'calls', [phoneCall('late')])
  await account.request('DELETE', '/v1/ingest/calls/late')
  await earshot.close()
  const { failure, comparisons } = await moveHere(settings, {})
  expect(failure).toBe('')
  expect(comparisons.find(({ table }) => table === 'calls')).toMatchObject({ sourceRows: 362, targetRows: 362 })
  // The new server's folder is the old one: recordings and exports stay where they are.
  expect(comparisons.filter(({ kind }) => kind === 'files')).toEqual([])
})
