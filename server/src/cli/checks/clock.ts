/** The largest difference between clocks that is accepted. */
const maxSkewMs = 5_000

/** The difference to another clock, in milliseconds; the other clock was read between two readings of this one. */
export function skewMs(before: number, other: number, after: number): number {
  return Math.max(0, before - other, other - after)
}

export function agrees(skew: number): boolean {
  return skew <= maxSkewMs
}
