import type { Ports } from '../../src/ports.ts'
import { countDaysBehind } from '../../src/features/analytics/countDaysBehind.ts'
import { rebuildDayTotals } from '../../src/features/analytics/rebuildDayTotals.ts'
import { waitUntilReadable } from '../../src/recordLog/waitUntilReadable.ts'

/** Works all totals out, of what was acknowledged a moment ago too. */
export async function rebuildAllTotals(ports: Ports, accountId: number): Promise<void> {
  await waitUntilReadable(ports, accountId)
  await rebuildDayTotals(ports, new Map())
  const behind = await countDaysBehind(ports)
  if (behind > 0) throw new Error(`${behind} days are still behind.`)
}
