import { isOfWholeDays, type PeriodBefore } from '../../domain/period.ts'
import { daysAsked, instantsAsked, type AskedPeriod } from './askedPeriod.ts'

/** The period before as it is told: by its days, or by its instants where it is not of whole ones. */
export function previousOf({ period }: PeriodBefore): AskedPeriod {
  const isOfDays = period.toMs > period.fromMs && isOfWholeDays(period)
  return isOfDays ? daysAsked(period.firstDay, period.lastDay, period.zone) : instantsAsked(period)
}
