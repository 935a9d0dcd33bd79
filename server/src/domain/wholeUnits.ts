/**
 * Converts a number to whole parts of its unit, with `per` parts per unit: seconds to milliseconds, points to
 * millionths. Rounds halves up by the decimal text of the number: 1.0005 s are 1001 ms, although its nearest binary
 * number is lower. For that, the bound between two whole parts is rounded to a binary number in the same way as the
 * value.
 */
export function inWholeUnits(value: number, per: number): number {
  const below = Math.floor(value * per)
  return value >= (below + 0.5) / per ? below + 1 : below
}

/** The same in ClickHouse, as an Int64; NULL for NULL. */
export function wholeUnitsExpression(value: string, per: number): string {
  const below = `floor(${value} * ${per})`
  return `toInt64(${below} + (${value} >= (${below} + 0.5) / ${per}))`
}

/** Longer than any duration that can be stored; longer durations from older versions count as this. */
const maxSeconds = 1e11

/** A duration in milliseconds, from which all other units are computed. */
export function millisecondsOf(seconds: number): number {
  return inWholeUnits(Math.min(seconds, maxSeconds), 1000)
}

/** The same in ClickHouse, as an Int64; NULL for NULL. */
export function millisecondsExpression(seconds: string): string {
  return wholeUnitsExpression(`if(${seconds} > ${maxSeconds}, toFloat64(${maxSeconds}), ${seconds})`, 1000)
}

/** A duration in whole seconds: its milliseconds rounded, halves up. */
export function wholeSecondsOf(seconds: number): number {
  return Math.floor((millisecondsOf(seconds) + 500) / 1000)
}

/** The same in ClickHouse, as an Int64; NULL for NULL. */
export function wholeSecondsExpression(seconds: string): string {
  return `intDiv(${millisecondsExpression(seconds)} + 500, 1000)`
}
