/** What must be there of a file to see whether it begins with a tag. */
const id3HeaderBytes = 10

/** How long the ID3v2 tag is that `start` begins with; 0 when it begins with none. */
function id3Bytes(start: Buffer): number {
  if (start.length < id3HeaderBytes || start.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = start.subarray(6, 10)
  // Seven bits a byte, so that no byte looks like the start of a frame.
  if (start.readUInt8(3) === 0xff || start.readUInt8(4) === 0xff || size.some((byte) => byte > 0x7f)) return 0
  const hasFooter = (start.readUInt8(5) & 0x10) !== 0
  return id3HeaderBytes + size.reduce((sum, byte) => sum * 128 + byte, 0) + (hasFooter ? id3HeaderBytes : 0)
}

/** The content of a file without the tags that it begins with, which hold no sound and may be very long. */
export async function* withoutTags(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Buffer | undefined = Buffer.alloc(0)
  let skip = 0
  for await (const piece of content) {
    if (start === undefined) {
      yield piece
      continue
    }
    start = Buffer.concat([start, piece])
    for (;;) {
      const skipped = Math.min(skip, start.length)
      start = start.subarray(skipped)
      skip -= skipped
      if (skip > 0) break
      skip = id3Bytes(start)
      if (skip === 0) break
    }
    if (skip > 0 || start.length < id3HeaderBytes) continue
    yield start
    start = undefined
  }
  if (start !== undefined && start.length > 0) yield start
}
