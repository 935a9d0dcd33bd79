/** An unrounded value as a fraction; the divisor is above 0. */
export interface Fraction {
  dividend: bigint
  divisor: bigint
}

export function difference(left: Fraction, right: Fraction): Fraction {
  return {
    dividend: left.dividend * right.divisor - right.dividend * left.divisor,
    divisor: left.divisor * right.divisor,
  }
}

/** Divides; returns undefined for a divisor of 0. */
export function quotientOf(left: Fraction, right: Fraction): Fraction | undefined {
  if (right.dividend === 0n) return undefined
  const sign = right.dividend < 0n ? -1n : 1n
  return { dividend: left.dividend * right.divisor * sign, divisor: left.divisor * right.dividend * sign }
}

/** Rounds a fraction to a number of decimals, halves up. */
export function rounded({ dividend, divisor }: Fraction, decimals: number): number {
  const scale = 10 ** decimals
  return Number(floorOf(2n * dividend * BigInt(scale) + divisor, 2n * divisor)) / scale
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  return dividend / divisor - (dividend % divisor < 0n ? 1n : 0n)
}

/** The same in ClickHouse over Int64 expressions; NULL for a divisor of 0. */
export function roundedExpression(dividend: string, divisor: string, decimals: number): string {
  const scale = 10 ** decimals
  // The divisor is never 0, because the engine evaluates both branches even where the result is NULL.
  const twice = `2 * greatest(toInt128(${divisor}), 1)`
  const whole = `(2 * ${scale} * toInt128(${dividend}) + toInt128(${divisor}))`
  return `if(${divisor} = 0, NULL, toFloat64(intDiv(${whole}, ${twice}) - (${whole} % (${twice}) < 0)) / ${scale})`
}
