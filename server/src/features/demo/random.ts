/** What a stream of chances is for. Streams do not touch each other: leaving the turns out changes no call. */
export type Purpose =
  | 'customer'
  | 'choice'
  | 'story'
  | 'details'
  | 'call'
  | 'survey'
  | 'evaluation'
  | 'review'
  | 'engagement'
  | 'talk'

const purposes: Record<Purpose, number> = {
  customer: 1,
  choice: 2,
  story: 3,
  call: 4,
  survey: 5,
  evaluation: 6,
  review: 7,
  engagement: 8,
  talk: 9,
  details: 10,
}

/**
 * A small, fast source of chances (sfc32) that is fixed by a seed, a purpose and an index, so that the record with
 * one index can be made without making those before it.
 */
export class Random {
  private a = 0
  private b = 0
  private c = 0
  private counter = 1

  constructor(seed: number, purpose: Purpose, index: number) {
    this.a = mix(seed ^ Math.imul(purposes[purpose], 0x9e3779b1))
    this.b = mix(index ^ 0x85ebca6b)
    this.c = mix(Math.floor(index / 4_294_967_296) ^ Math.floor(seed / 4_294_967_296) ^ 0xc2b2ae35)
    for (let round = 0; round < 10; round++) this.step()
  }

  private step(): number {
    const result = (((this.a + this.b) | 0) + this.counter) | 0
    this.counter = (this.counter + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (((this.c << 21) | (this.c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** A number in [0, 1). */
  next(): number {
    return this.step() / 4_294_967_296
  }

  /** A whole number from `least` to `most`, both included. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of `list`, which must not be empty. */
  pick<T>(list: readonly T[]): T {
    return at(list, Math.floor(this.next() * list.length))
  }

  /** The place in `weights` that a draw in proportion to them falls on. */
  weighted(weights: readonly number[]): number {
    let total = 0
    for (const weight of weights) total += weight
    let left = this.next() * total
    for (let index = 0; index < weights.length; index++) {
      left -= weights[index] ?? 0
      if (left < 0) return index
    }
    return weights.length - 1
  }

  /** Near enough to a normal distribution (the sum of four even draws), without tails beyond 3.5 deviations. */
  normal(mean: number, deviation: number): number {
    return mean + deviation * (this.next() + this.next() + this.next() + this.next() - 2) * 1.732
  }

  /** A lognormal draw: half of them lie below `median`. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(this.normal(0, sigma))
  }
}

/** The entry of a list at a place that the caller knows to exist. */
export function at<T>(list: readonly T[], index: number): T {
  return list[index] as T
}

export function clamp(value: number, min: number, max: number): number {
  return value < min ? min : value > max ? max : value
}

/** Rounds to `digits` decimals. */
export function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale + 0
}

/** Spreads the bits of an integer (the finaliser of MurmurHash3). */
export function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return bits ^ (bits >>> 16)
}
