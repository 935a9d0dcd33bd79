import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import type { Ports } from '../../ports.ts'
import { systemContext } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { syncHoldFlag, syncHoldFlags } from './syncHoldFlag.ts'

let earshot: TestApp
let account: TestAccount
let id: string
let calls = 0

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  id = `call-${++calls}`
  const call = { id, channel: 'phone', status: 'completed', startedAt: '2026-01-20T10:00:00Z', durationSeconds: 60 }
  await account.request('POST', '/v1/ingest/calls', call)
})

const hold = () => account.request('PUT', `/v1/admin/holds/calls/${id}`, { reason: 'matter 1' })
const release = () => account.request('DELETE', `/v1/admin/holds/calls/${id}`)

/** Whether the call is under a hold, by its hold and by its own flag. */
async function standing(): Promise<[boolean, boolean]> {
  const { data } = (await account.request('GET', '/v1/admin/holds/calls')).json
  const record = (await account.request('GET', `/v1/records/calls/${id}`)).json.data
  return [data.some((entry: { callId: string }) => entry.callId === id), record.legalHold === true]
}

/** One that settles a hold and is slow: something happens before its turn comes, and it may die after that. */
function slowly(before: () => Promise<unknown>, after = () => {}): Promise<void> {
  const { recordLog } = earshot.ports
  const ports: Ports = {
    ...earshot.ports,
    recordLog: {
      ...recordLog,
      async submit(...given) {
        await before()
        const counts = await recordLog.submit(...given)
        after()
        return counts
      },
    },
  }
  return syncHoldFlag(systemContext(ports, account.id), id)
}

function die(): never {
  throw new Error('killed')
}

test('who comes late with a release does not undo the hold that was set meanwhile', async () => {
  await hold()
  await release()
  await slowly(hold)
  expect(await standing()).toEqual([true, true])
  await release()
  expect(await standing()).toEqual([false, false])
})

test('who comes late with a hold and dies leaves no flag on a call that was released meanwhile', async () => {
  await hold()
  await expect(slowly(release, die)).rejects.toThrow('killed')
  await syncHoldFlags(earshot.ports)
  expect(await standing()).toEqual([false, false])
})

test('who comes late with a release and dies leaves the hold that was set meanwhile', async () => {
  await hold()
  const { postgres } = earshot.ports
  // As a process leaves it that dies once its release is written.
  await postgres.run(sql`UPDATE legal_holds SET released_at = now(), is_synced = false WHERE call_id = ${id}`)
  await expect(slowly(hold, die)).rejects.toThrow('killed')
  await syncHoldFlags(earshot.ports)
  expect(await standing()).toEqual([true, true])
})
