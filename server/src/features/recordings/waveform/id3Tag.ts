/** What must be there of a file to see whether it begins with a tag. */
export const id3HeaderBytes = 10

/** How long the ID3v2 tag is that `start` begins with; 0 when it begins with none. */
export function id3Bytes(start: Buffer): number {
  if (start.length < id3HeaderBytes || start.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = start.subarray(6, 10)
  // Seven bits a byte, so that no byte looks like the start of a frame.
  if (start.readUInt8(3) === 0xff || start.readUInt8(4) === 0xff || size.some((byte) => byte > 0x7f)) return 0
  const hasFooter = (start.readUInt8(5) & 0x10) !== 0
  return id3HeaderBytes + size.reduce((sum, byte) => sum * 128 + byte, 0) + (hasFooter ? id3HeaderBytes : 0)
}

/** Passes over the tags that a file begins with, as its bytes come: they hold no sound and may be very long. */
export function pastTags(): {
  /** What of these bytes stands behind the tags. */
  take(bytes: Uint8Array): Uint8Array
  /** What was held back, at the end of a file that is shorter than the start of a tag. */
  rest(): Uint8Array
  hasTag(): boolean
} {
  let start: Buffer | undefined = Buffer.alloc(0)
  let skip = 0
  let hasTag = false
  return {
    take(bytes) {
      if (start === undefined) return bytes
      start = Buffer.concat([start, bytes])
      do {
        const skipped = Math.min(skip, start.length)
        start = start.subarray(skipped)
        skip -= skipped
        if (skip === 0) skip = id3Bytes(start)
        hasTag ||= skip > 0
      } while (skip > 0 && start.length > 0)
      if (skip > 0 || start.length < id3HeaderBytes) return new Uint8Array()
      const behind = start
      start = undefined
      return behind
    },
    rest: () => start ?? new Uint8Array(),
    hasTag: () => hasTag,
  }
}

/** The content of a file without the tags that it begins with. */
export async function* withoutTags(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const tags = pastTags()
  for await (const piece of content) yield tags.take(piece)
  yield tags.rest()
}
