import { conditionOf, nextSlice, parametersOf, type CallShare, type CallSlice } from './callShares.ts'
import { noteCleared, noteShare, readShareState } from './moveRecord.ts'
import type { StoreMove } from './storeMove.ts'

/** Rows per insert, which a process that died must move again. */
const maxRows = 200_000

/**
 * Copies every share of the call data to the target, slice by slice. Only the current version of each row is copied,
 * because replaced ones are never read. Copying a slice twice is harmless, because the versions are the same.
 */
export async function moveCallData(move: StoreMove, shares: readonly CallShare[]): Promise<void> {
  const total = shares.reduce((sum, share) => sum + share.rows, 0)
  let done = 0
  for (const share of shares) {
    const report = (rows: number) =>
      move.onProgress({ step: 'moving', what: share.table.name, done: Math.min(done + rows, total), total })
    report(0)
    await moveShare(move, share, report)
    done += share.rows
  }
}

async function moveShare(move: StoreMove, share: CallShare, report: (rows: number) => void): Promise<void> {
  move.signal.throwIfAborted()
  const state = await readShareState(move, share)
  if (state.isMoved && !state.isStale) return
  if (state.isStale) await clear(move, share)
  let after = state.isStale ? null : state.movedTo
  if (after === null) await noteCleared(move, share)
  let rows = 0
  do {
    move.signal.throwIfAborted()
    const slice = await nextSlice(move.source, share, after, maxRows)
    if (slice.rows > 0) await moveSlice(move, share, slice)
    await noteShare(move, share, slice.upTo)
    after = slice.upTo
    report((rows += slice.rows))
  } while (after !== null)
}

async function moveSlice({ source, target, signal }: StoreMove, share: CallShare, slice: CallSlice): Promise<void> {
  const { name, columns } = share.table
  async function* read() {
    const blocks = source.clickhouse.stream(
      `SELECT ${columns.join(', ')}
       FROM ${name} FINAL
       WHERE ${conditionOf(share, slice)}`,
      'Native',
      parametersOf(share, slice),
    )
    for await (const block of blocks) {
      signal.throwIfAborted()
      yield block
    }
  }
  await target.clickhouse.insertBlocks(name, columns, read)
}

/** The folder went on after its rows had come, or they are wrong: what lies there may be gone here for good. */
async function clear({ target }: StoreMove, { table, account }: CallShare): Promise<void> {
  await target.clickhouse.command(
    `ALTER TABLE ${table.name}
     DELETE WHERE account_id = {accountId:UInt32}
     SETTINGS mutations_sync = 2`,
    { accountId: account.id },
    { onEveryNode: true },
  )
}
