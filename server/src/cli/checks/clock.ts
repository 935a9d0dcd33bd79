/** Clocks may differ by so much. */
const maxSkewMs = 5_000

/** By how many milliseconds another clock is away that was read between two readings of the own one. */
export function skewMs(before: number, other: number, after: number): number {
  return Math.max(0, before - other, other - after)
}

export function agrees(skew: number): boolean {
  return skew <= maxSkewMs
}
