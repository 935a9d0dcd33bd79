/** A page of an Ogg file (RFC 3533). */
export interface OggPage {
  /** Its first packet began on an earlier page. */
  isContinued: boolean
  /** The first or the last page of its stream. */
  isFirst: boolean
  isLast: boolean
  /** Where the sound stands at the end of the last packet that ends here, in samples; negative where none does. */
  position: number
  stream: number
  sequence: number
  /** What is in it of each packet; the last goes on on a later page unless `isEnded`. */
  packets: Buffer[]
  isEnded: boolean
}

const capture = Buffer.from('OggS', 'latin1')
const fixedHeaderBytes = 27
const checksumAt = 22

/**
 * Cuts a file into pages as its bytes come. What is no whole page, or not the page that its checksum was made of, is passed
 * over, as players do: half a page at the end of a file, or what lies between two.
 */
export function oggPages(): (bytes: Uint8Array) => Generator<OggPage> {
  let rest: Buffer = Buffer.alloc(0)

  /** Drops what comes before the next page; false when there is none to be seen. */
  function findPage(): boolean {
    const at = rest.indexOf(capture)
    // The mark of a page may have come in part.
    rest = rest.subarray(at < 0 ? Math.max(0, rest.length - capture.length + 1) : at)
    return at >= 0
  }

  return function* (bytes) {
    rest = Buffer.concat([rest, bytes])
    while (findPage()) {
      const whole = pageBytes(rest)
      if (whole === undefined || rest.length < whole) return
      const page = rest.subarray(0, whole)
      const isSound = checksumOf(page) === page.readUInt32LE(checksumAt)
      rest = rest.subarray(isSound ? whole : capture.length)
      if (isSound) yield readPage(page)
    }
  }
}

/** How long the page is that `bytes` begin with; undefined while its header is cut off. */
function pageBytes(bytes: Buffer): number | undefined {
  if (bytes.length < fixedHeaderBytes) return undefined
  const headerBytes = fixedHeaderBytes + bytes.readUInt8(26)
  if (bytes.length < headerBytes) return undefined
  return bytes.subarray(fixedHeaderBytes, headerBytes).reduce((sum, lace) => sum + lace, headerBytes)
}

function readPage(page: Buffer): OggPage {
  const flags = page.readUInt8(5)
  const laces = page.subarray(fixedHeaderBytes, fixedHeaderBytes + page.readUInt8(26))
  const packets: Buffer[] = []
  let from = fixedHeaderBytes + laces.length
  let to = from
  for (const [index, lace] of laces.entries()) {
    to += lace
    // A packet goes on for as long as its laces are full.
    if (lace === 255 && index < laces.length - 1) continue
    packets.push(page.subarray(from, to))
    from = to
  }
  return {
    isContinued: (flags & 1) !== 0,
    isFirst: (flags & 2) !== 0,
    isLast: (flags & 4) !== 0,
    position: Number(page.readBigInt64LE(6)),
    stream: page.readUInt32LE(14),
    sequence: page.readUInt32LE(18),
    packets,
    isEnded: laces.length > 0 && laces.at(-1) !== 255,
  }
}

const polynomial = 0x04c11db7
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte << 24
  for (let bit = 0; bit < 8; bit++) remainder = (remainder << 1) ^ (remainder < 0 ? polynomial : 0)
  return remainder
})

/** The checksum of a page, worked out with nothing in its place. */
function checksumOf(page: Buffer): number {
  let sum = 0
  for (let at = 0; at < page.length; at++) {
    const byte = at >= checksumAt && at < checksumAt + 4 ? 0 : (page[at] ?? 0)
    sum = (sum << 8) ^ (remainders[((sum >>> 24) ^ byte) & 0xff] ?? 0)
  }
  return sum >>> 0
}
