import { calls } from '../src/domain/collections/calls.ts'
import type { RecordLog } from '../src/ports.ts'
import { plainCommand, type IngestCounts } from '../src/recordLog/command.ts'

/** A call as a request would send it, acknowledged when this resolves. */
export function submitCall(
  queue: RecordLog,
  accountId: number,
  call: { id: string } & Record<string, unknown>,
): Promise<IngestCounts> {
  const set = { channel: 'phone', status: 'active', startedAt: 0, ...call }
  const writes = [{ index: 0, write: { key: call.id, set, revision: undefined } }]
  return queue.submit(accountId, plainCommand({ kind: 'merge', collection: calls, writes, skipsFaults: false }))
}
