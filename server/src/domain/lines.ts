/** A line of a text, without the line feed that ends it. */
export interface Line {
  /** From 1. */
  number: number
  /** Its bytes; only the first `mostBytes` of a line that is longer. */
  bytes: Buffer
  isWhole: boolean
}

const lineFeed = 0x0a

/**
 * Cuts bytes into lines. Only a line feed ends a line, in whatever pieces the bytes come: a carriage return and what
 * Unicode calls line separators (U+0085, U+2028, U+2029) stay inside. A text without a last line feed ends in a line all the
 * same, an empty one does not. `mostBytes` bounds the memory that a line takes.
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
    // A copy: whoever gives the piece may use its memory again.
    if (start < buffer.length) keep(Buffer.from(buffer.subarray(start)))
  }
  if (bytes > 0) yield end()
}
