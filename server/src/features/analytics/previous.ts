import { isOfWholeDays, periodBefore } from '../../domain/period.ts'
import { daysAsked, instantsAsked, type AskedPeriod } from './askedPeriod.ts'

/** The period of the same length right before. */
export function previousOf({ period }: AskedPeriod): AskedPeriod {
  const before = periodBefore(period)
  return isOfWholeDays(before) ? daysAsked(before.firstDay, before.lastDay, before.zone) : instantsAsked(before)
}
