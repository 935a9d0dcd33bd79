/**
 * A number in whole parts of its unit, `per` of them each: milliseconds of seconds, millionths of points. Halves are
 * rounded up, of the number as it was written: 1.0005 s are 1001 ms, though the nearest binary number lies below it and
 * 1000 times that too. For that the bound between two whole parts is rounded to a binary number as the value was.
 */
export function inWholeUnits(value: number, per: number): number {
  const below = Math.floor(value * per)
  return value >= (below + 0.5) / per ? below + 1 : below
}

/** The same in ClickHouse, as an Int64; NULL of NULL. */
export function wholeUnitsExpression(value: string, per: number): string {
  const below = `floor(${value} * ${per})`
  return `toInt64(${below} + (${value} >= (${below} + 0.5) / ${per}))`
}

/** Longer than any time that can be stored; what was stored before durations had a bound counts as this. */
const maxSeconds = 1e11

/** A duration in milliseconds: everything that is told of it in other units starts from these. */
export function millisecondsOf(seconds: number): number {
  return inWholeUnits(Math.min(seconds, maxSeconds), 1000)
}

/** The same in ClickHouse, as an Int64; NULL of NULL. */
export function millisecondsExpression(seconds: string): string {
  return wholeUnitsExpression(`if(${seconds} > ${maxSeconds}, toFloat64(${maxSeconds}), ${seconds})`, 1000)
}

/** A duration in whole seconds: its milliseconds rounded, halves up. */
export function wholeSecondsOf(seconds: number): number {
  return Math.floor((millisecondsOf(seconds) + 500) / 1000)
}

/** The same in ClickHouse, as an Int64; NULL of NULL. */
export function wholeSecondsExpression(seconds: string): string {
  return `intDiv(${millisecondsExpression(seconds)} + 500, 1000)`
}
