/** A line of a text, without the line feed that ends it. */
export interface Line {
  /** From 1. */
  number: number
  /** Its bytes; only the first `mostBytes` of a longer line. */
  bytes: Buffer
  isWhole: boolean
}

const lineFeed = 0x0a

/**
 * Cuts bytes into lines, however the bytes are chunked. Only a line feed ends a line: a carriage return and the line
 * separators of Unicode (U+0085, U+2028, U+2029) stay inside. The last line needs no line feed, unless it is empty.
 * `mostBytes` bounds the memory of a line.
 */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<Line> {
  let number = 0
  let begun: Buffer[] = []
  let bytes = 0
  const keep = (part: Buffer) => {
    if (bytes < maxBytes) begun.push(part.subarray(0, maxBytes - bytes))
    bytes += part.length
  }
  const end = (): Line => {
    const line = { number: ++number, bytes: Buffer.concat(begun), isWhole: bytes <= maxBytes }
    begun = []
    bytes = 0
    return line
  }
  for await (const piece of pieces) {
    const buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
    let start = 0
    for (let at = buffer.indexOf(lineFeed); at >= 0; at = buffer.indexOf(lineFeed, start)) {
      keep(buffer.subarray(start, at))
      start = at + 1
      yield end()
    }
    // Copy the bytes, because the caller may reuse the memory of the piece.
    if (start < buffer.length) keep(Buffer.from(buffer.subarray(start)))
  }
  if (bytes > 0) yield end()
}
