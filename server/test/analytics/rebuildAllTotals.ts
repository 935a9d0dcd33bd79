import type { App } from '../../src/app.ts'
import { countDaysBehind } from '../../src/features/analytics/countDaysBehind.ts'
import { rebuildDayTotals } from '../../src/features/analytics/rebuildDayTotals.ts'
import { waitUntilReadable } from '../../src/recordLog/waitUntilReadable.ts'

/** Works all totals out, of what was acknowledged a moment ago too. */
export async function rebuildAllTotals(app: App, accountId: number): Promise<void> {
  await waitUntilReadable(app, accountId)
  await rebuildDayTotals(app, new Map())
  const behind = await countDaysBehind(app)
  if (behind > 0) throw new Error(`${behind} days are still behind.`)
}
