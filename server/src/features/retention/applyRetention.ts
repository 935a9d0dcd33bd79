import { requireScope, type Context } from '../../context.ts'
import { partCollections } from '../../domain/collections/all.ts'
import { turns } from '../../domain/collections/parts.ts'
import { showAccount } from '../accounts/showAccount.ts'
import { expireCalls } from './expireCalls.ts'
import { expireEarlyParts } from './expireEarlyParts.ts'
import { expireRecordings } from './expireRecordings.ts'
import { expireTurns } from './expireTurns.ts'
import type { Pass } from './pass.ts'

/**
 * Deletes what is older than the account keeps it: calls with everything, turns, parts whose call never came, recordings.
 * In batches through the account's turns, each a change like any other and told in the audit log; may break off anywhere.
 * False when the pass was over before everything was.
 */
export async function applyRetention(context: Context, pass: Pass = {}): Promise<boolean> {
  requireScope(context, 'admin')
  const { callsDays, turnsDays, recordingsDays } = (await showAccount(context)).retention
  const cutoff = (days: number) => cutoffOf(context, days)
  if (callsDays !== null && !(await expireCalls(context, cutoff(callsDays), pass))) return false
  if (turnsDays !== null && !(await expireTurns(context, cutoff(turnsDays), pass))) return false
  for (const collection of partCollections) {
    const days = shortest(callsDays, collection === turns ? turnsDays : null)
    if (days !== null && !(await expireEarlyParts(context, collection, cutoff(days), pass))) return false
  }
  return recordingsDays === null || expireRecordings(context, cutoff(recordingsDays), pass)
}

/** Days of 24 hours: how long something is kept, not which local day it belongs to. */
function cutoffOf({ ports }: Context, days: number): number {
  return ports.now() - days * 86_400_000
}

function shortest(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right
  return Math.min(left, right)
}
