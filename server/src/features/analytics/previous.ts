import { isOfWholeDays, type PeriodBefore } from '../../domain/period.ts'
import { daysAsked, instantsAsked, type AskedPeriod } from './askedPeriod.ts'

/** Shows the previous period by its days, or by its instants if it does not consist of whole days. */
export function previousOf({ period }: PeriodBefore): AskedPeriod {
  const isOfDays = period.toMs > period.fromMs && isOfWholeDays(period)
  return isOfDays ? daysAsked(period.firstDay, period.lastDay, period.zone) : instantsAsked(period)
}
