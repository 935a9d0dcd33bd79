import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createKey, phoneCall, run, scratchFolder, serve } from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>

beforeAll(async () => {
  folder = await scratchFolder()
})
afterAll(() => folder.remove())

test('the command line lists the calls that block a feed and releases one', async () => {
  const settings = {
    EARSHOT_DATA_DIR: join(folder.path, 'data'),
    EARSHOT_FEED_BLOCKED_AFTER_SECONDS: '0',
  }
  const feed = (...words: string[]) => run(settings, 'feed', ...words, '--account', 'acme')
  const { apiKey } = await createKey(settings, 'acme')
  const { url } = await serve(settings)
  await call(url, apiKey, '/v1/ingest/calls', [
    phoneCall('a'),
    { ...phoneCall('stuck'), phase: 'STOPPED' },
    { ...phoneCall('too'), phase: 'WAITING' },
  ])
  const [listed, shown] = await Promise.all([feed('blocked', '--json'), feed('blocked')])
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { number: 2, id: 'stuck', phase: 'STOPPED' },
    { number: 3, id: 'too', phase: 'WAITING' },
  ])
  expect(shown.stdout).toMatch(/^CALL +PHASE +STATUS .*\n2 +STOPPED +completed .* stuck\n3 +WAITING /)
  expect((await feed('release', '--call', '2')).stdout).toBe(
    'The call 2 (stuck) was STOPPED and is ERROR now; the feed goes on.\n',
  )
  expect(JSON.parse((await feed('release', '--call', 'too', '--json')).stdout)).toMatchObject({ number: 3 })
  expect((await call(url, apiKey, '/v1/sa/call?consecutive=true')).json).toHaveLength(3)
  const refused = await feed('release', '--call', '2')
  expect([refused.code, refused.stderr]).toEqual([1, 'earshot: The call 2 is ERROR; the feed does not wait for it.\n'])
  expect((await feed('blocked')).stdout).toBe('No call of acme is unfinished and unchanged for 0 seconds.\n')
})
