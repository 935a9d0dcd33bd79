import type { App } from '../../app.ts'
import { systemContext, type Context } from '../../context.ts'
import { listAccounts } from '../accounts/listAccounts.ts'
import { expireCalls } from './expireCalls.ts'
import { expireRecordings } from './expireRecordings.ts'
import { expireTurns } from './expireTurns.ts'

/**
 * Deletes, in every account, what is older than the account keeps it: calls with everything, turns, recordings. In
 * batches through the account's turns, each a change like any other and told in the audit log; may break off anywhere.
 */
export async function applyRetention(app: App, signal?: AbortSignal): Promise<void> {
  for (const { id, retention } of await listAccounts(app)) {
    signal?.throwIfAborted()
    const context = systemContext(app, id, 'retention')
    const { callsDays, turnsDays, recordingsDays } = retention
    if (callsDays !== null) await expireCalls(context, cutoffOf(context, callsDays), signal)
    if (turnsDays !== null) await expireTurns(context, cutoffOf(context, turnsDays), signal)
    if (recordingsDays !== null) await expireRecordings(context, cutoffOf(context, recordingsDays), signal)
  }
}

/** Days of 24 hours: how long something is kept, not which local day it belongs to. */
function cutoffOf({ app }: Context, days: number): number {
  return app.now() - days * 86_400_000
}
