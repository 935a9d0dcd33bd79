/** What the bytes at the start of an element say: how long its header is, how long what follows, and what to do with it. */
export interface ElementHeader<Id> {
  id: Id
  headerBytes: number
  /** Infinity where the file does not say it. */
  contentBytes: number
  /** Keep it whole, go on with what is in it, or pass it over. */
  how: 'keep' | 'enter' | 'skip'
}

/** An element that was kept. */
export interface FoundElement<Id> {
  id: Id
  /** Where its header begins in the file. */
  at: number
  content: Buffer
}

/** Longer than any table or frame of a recording; a file that names a longer one is broken. */
const maxKeptBytes = 8 * 1024 * 1024

/**
 * Takes a file apart that is made of elements within elements, as its bytes come. `headerOf` reads the header that a
 * buffer begins with, or gives undefined while that is cut off. No more is held than one element that is kept.
 */
export function elementReader<Id>(
  headerOf: (bytes: Buffer) => ElementHeader<Id> | undefined,
): (bytes: Uint8Array) => FoundElement<Id>[] {
  let rest: Buffer = Buffer.alloc(0)
  let restAt = 0
  let skip = 0

  function pass(bytes: number): void {
    rest = rest.subarray(bytes)
    restAt += bytes
  }

  /** Takes one element, or as much of it as is there; false when more bytes are needed. */
  function step(found: FoundElement<Id>[]): boolean {
    const skipped = Math.min(skip, rest.length)
    pass(skipped)
    skip -= skipped
    if (rest.length === 0) return false
    const header = headerOf(rest)
    if (!header) return false
    const { id, headerBytes, contentBytes, how } = header
    if (how === 'keep') {
      if (contentBytes > maxKeptBytes) throw new Error('The file names a part that is too long.')
      if (rest.length < headerBytes + contentBytes) return false
      found.push({ id, at: restAt, content: rest.subarray(headerBytes, headerBytes + contentBytes) })
    }
    pass(headerBytes)
    if (how !== 'enter') skip = contentBytes
    return true
  }

  return (bytes) => {
    rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes])
    const found: FoundElement<Id>[] = []
    while (step(found));
    return found
  }
}
