import { systemContext } from '../src/context.ts'
import { expireCalls } from '../src/features/retention/expireCalls.ts'
import { callOf } from './records.ts'
import { withApp, type ScaleEngines } from './scaleEngines.ts'

/** How fast old calls go, with 20 turns each: deletions are changes like others, some thousand at once. */
export interface RetentionRate {
  callsPerSecond: number
  recordsPerSecond: number
}

/** Deletes the account's first `calls` calls; no server runs meanwhile. */
export async function measureRetention(engines: ScaleEngines, calls: number): Promise<RetentionRate> {
  return withApp(engines, async (ports) => {
    const countKept = async (): Promise<{ calls: number; turns: number }> => {
      const [row] = await ports.clickhouse.rows<{ calls: number; turns: number }>(`
        SELECT
          (SELECT count() FROM calls FINAL WHERE account_id = 1 AND removed = 0) AS calls,
          (SELECT count() FROM turns FINAL WHERE account_id = 1 AND removed = 0) AS turns`)
      return row ?? { calls: 0, turns: 0 }
    }
    const before = await countKept()
    const began = performance.now()
    await expireCalls(systemContext(ports, 1, 'retention'), Date.parse(String(callOf(calls)['startedAt'])))
    await ports.recordLog.flush(1)
    const seconds = (performance.now() - began) / 1000
    const after = await countKept()
    const gone = { calls: before.calls - after.calls, turns: before.turns - after.turns }
    if (gone.calls === 0) throw new Error('Retention deleted nothing.')
    return { callsPerSecond: gone.calls / seconds, recordsPerSecond: (gone.calls + gone.turns) / seconds }
  })
}
