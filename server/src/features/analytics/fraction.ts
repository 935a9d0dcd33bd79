/** A figure before it is rounded; the divisor is above 0. */
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

/** One by another; undefined where that is 0. */
export function quotientOf(left: Fraction, right: Fraction): Fraction | undefined {
  if (right.dividend === 0n) return undefined
  const sign = right.dividend < 0n ? -1n : 1n
  return { dividend: left.dividend * right.divisor * sign, divisor: left.divisor * right.dividend * sign }
}

/** The number with so many decimals that is nearest, halves up. */
export function rounded({ dividend, divisor }: Fraction, decimals: number): number {
  const scale = 10 ** decimals
  return Number(floorOf(2n * dividend * BigInt(scale) + divisor, 2n * divisor)) / scale
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  return dividend / divisor - (dividend % divisor < 0n ? 1n : 0n)
}

/** The same in ClickHouse, of Int64 expressions; NULL where the divisor is 0. */
export function roundedExpression(dividend: string, divisor: string, decimals: number): string {
  const scale = 10 ** decimals
  // Never by 0, also where the answer is NULL: the engine works out what lies under a NULL as well.
  const twice = `2 * greatest(toInt128(${divisor}), 1)`
  const whole = `(2 * ${scale} * toInt128(${dividend}) + toInt128(${divisor}))`
  return `if(${divisor} = 0, NULL, toFloat64(intDiv(${whole}, ${twice}) - (${whole} % (${twice}) < 0)) / ${scale})`
}
