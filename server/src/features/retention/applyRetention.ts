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
 * Deletes what exceeds the account's retention: calls with all parts, turns, parts without a call, recordings. Each
 * batch is an ordinary commit and is recorded in the audit log; the pass may stop anywhere. Returns false when it ended
 * before everything was deleted.
 */
export async function applyRetention(context: Context, pass: Pass = {}): Promise<boolean> {
  requireScope(context, 'admin')
  const { callsDays, turnsDays, recordingsDays } = (await showAccount(context)).retention
  const cutoff = (days: number) => cutoffOf(context, days)
  if (callsDays !== null && !(await expireCalls(context, cutoff(callsDays), pass))) return false
  if (turnsDays !== null && !(await expireTurns(context, cutoff(turnsDays), pass))) return false
  for (const collection of partCollections) {
    const days = minDays(callsDays, collection === turns ? turnsDays : null)
    if (days !== null && !(await expireEarlyParts(context, collection, cutoff(days), pass))) return false
  }
  return recordingsDays === null || expireRecordings(context, cutoff(recordingsDays), pass)
}

/** Retention counts days of 24 hours, not local days. */
function cutoffOf({ ports }: Context, days: number): number {
  return ports.now() - days * 86_400_000
}

function minDays(left: number | null, right: number | null): number | null {
  if (left === null || right === null) return left ?? right
  return Math.min(left, right)
}
