/** Bits of the filter for each key: with five bits set per key, one in a hundred missing keys seems to exist. */
const bitsPerKey = 12
const wordsPerBlock = 16
const minCapacity = 1000

/**
 * A Bloom filter over the 48-bit hashes of an account's keys, in blocks of a cache line. A key that the filter does not
 * have is certainly new, so no query is needed.
 */
export class KeyFilter {
  readonly #words: Uint32Array
  readonly #blocks: number
  readonly #capacity: number
  #added = 0

  /** A filter for `capacity` keys; with more keys it still works, with more false positives. */
  constructor(capacity: number) {
    this.#capacity = Math.max(capacity, minCapacity)
    this.#words = new Uint32Array(KeyFilter.bytesFor(capacity) / 4)
    this.#blocks = this.#words.length / wordsPerBlock
  }

  static bytesFor(capacity: number): number {
    const bits = Math.max(capacity, minCapacity) * bitsPerKey
    return Math.ceil(bits / (wordsPerBlock * 32)) * wordsPerBlock * 4
  }

  get isFull(): boolean {
    return this.#added > this.#capacity
  }

  add(hash: number): void {
    this.#added++
    const block = (hash % this.#blocks) * wordsPerBlock
    const [first, second] = bitsOf(hash)
    this.#set(block, first & 511)
    this.#set(block, (first >>> 9) & 511)
    this.#set(block, (first >>> 18) & 511)
    this.#set(block, second & 511)
    this.#set(block, (second >>> 9) & 511)
  }

  mayHave(hash: number): boolean {
    const block = (hash % this.#blocks) * wordsPerBlock
    const [first, second] = bitsOf(hash)
    return (
      this.#has(block, first & 511) &&
      this.#has(block, (first >>> 9) & 511) &&
      this.#has(block, (first >>> 18) & 511) &&
      this.#has(block, second & 511) &&
      this.#has(block, (second >>> 9) & 511)
    )
  }

  #set(block: number, bit: number): void {
    const word = block + (bit >>> 5)
    this.#words[word] = (this.#words[word] ?? 0) | (1 << (bit & 31))
  }

  #has(block: number, bit: number): boolean {
    return ((this.#words[block + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) !== 0
  }
}

/** Two 32-bit numbers that are independent of the block, which the remainder of the hash selects. */
function bitsOf(hash: number): [number, number] {
  const folded = Math.imul((hash / 0x1000000) ^ (hash & 0xffffff), 0x9e3779b1)
  const first = Math.imul(folded ^ (folded >>> 15), 0x85ebca6b)
  return [first ^ (first >>> 13), Math.imul(first ^ (first >>> 16), 0xc2b2ae35)]
}
