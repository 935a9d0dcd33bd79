/*
 * Audio made by code, byte by byte from the formats' own texts: files that decode to far more than they are, and files whose
 * true length is known without decoding them.
 */

/** A number of `bytes` bytes, the greatest first, or the least. */
export function bigEndian(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}

export function littleEndian(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntLE(value, 0, bytes)
  return buffer
}

/** The remainder of a division by a polynomial, as FLAC and Ogg use it: no reflection, nothing added. */
function remainder(bytes: Uint8Array, bits: number, polynomial: number): number {
  const top = 2 ** (bits - 1)
  let sum = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const isSet = sum >= top !== ((byte >> bit) & 1) > 0
      sum = (sum * 2) % 2 ** bits
      if (isSet) sum = (sum ^ polynomial) >>> 0
    }
  }
  return sum
}

/** Frames of FLAC (RFC 9639) whose samples are all zero: 65,535 of them a channel and frame, in some thirty bytes. */
export function flacFile(frames: number, channels: number, before: readonly Buffer[] = []): Buffer {
  const info = Buffer.alloc(34)
  info.writeUInt16BE(65_535, 0)
  info.writeUInt16BE(65_535, 2)
  // 48 kHz in 20 bits, the channels less one in 3, the bits of a sample less one in 5.
  info.writeUIntBE((48_000 << 4) | ((channels - 1) << 1), 10, 3)
  info.writeUInt8(15 << 4, 13)
  const blocks = [info, ...before]
  const headers = blocks.map((block, index) =>
    Buffer.concat([
      bigEndian((index === 0 ? 0 : 1) | (index === blocks.length - 1 ? 0x80 : 0), 1),
      bigEndian(block.length, 3),
      block,
    ]),
  )
  return Buffer.concat([
    Buffer.from('fLaC'),
    ...headers,
    ...Array.from({ length: frames }, (_, index) => flacFrame(index, channels)),
  ])
}

function flacFrame(index: number, channels: number): Buffer {
  // The length of the block follows in two bytes; 48 kHz, 16 bits.
  const start = Buffer.concat([
    Buffer.from([0xff, 0xf8, 0x7a, ((channels - 1) << 4) | 8]),
    Buffer.from(String.fromCodePoint(index < 0xd800 ? index : index + 0x800)),
    bigEndian(65_534, 2),
  ])
  const head = Buffer.concat([start, bigEndian(remainder(start, 8, 0x07), 1)])
  const frame = Buffer.concat([head, Buffer.alloc(3 * channels)])
  return Buffer.concat([frame, bigEndian(remainder(frame, 16, 0x8005), 2)])
}

export interface MadePage {
  packets: readonly Buffer[]
  /** In samples; -1 where no packet ends. */
  position: number
  isFirst?: boolean
  isLast?: boolean
  /** The last packet goes on on the next page. */
  isOpen?: boolean
  isContinued?: boolean
}

/** A stream in Ogg (RFC 3533). */
export function oggFile(pages: readonly MadePage[], stream = 7): Buffer {
  return Buffer.concat(pages.map((page, sequence) => oggPage(page, sequence, stream)))
}

function oggPage(page: MadePage, sequence: number, stream: number): Buffer {
  const laces = page.packets.flatMap((packet, index) => {
    const full = Array.from({ length: Math.floor(packet.length / 255) }, () => 255)
    return page.isOpen && index === page.packets.length - 1 ? full : [...full, packet.length % 255]
  })
  const flags = (page.isContinued ? 1 : 0) | (page.isFirst ? 2 : 0) | (page.isLast ? 4 : 0)
  const position = Buffer.alloc(8)
  position.writeBigInt64LE(BigInt(page.position))
  const bytes = Buffer.concat([
    Buffer.from('OggS\0'),
    bigEndian(flags, 1),
    position,
    littleEndian(stream, 4),
    littleEndian(sequence, 4),
    Buffer.alloc(4),
    bigEndian(laces.length, 1),
    Buffer.from(laces),
    ...page.packets,
  ])
  bytes.writeUInt32LE(remainder(bytes, 32, 0x04c11db7), 22)
  return bytes
}

/** The first page of a stream of Opus; with more than two channels each is a stream of its own. */
export function opusHead(channels: number, preSkip = 0): MadePage {
  const family = channels > 2 ? 255 : 0
  const mapping = family === 0 ? [] : [channels, 0, ...Array.from({ length: channels }, (_, channel) => channel)]
  const head = [
    Buffer.from([1, channels]),
    littleEndian(preSkip, 2),
    littleEndian(48_000, 4),
    Buffer.from([0, 0, family]),
  ]
  return {
    packets: [Buffer.concat([Buffer.from('OpusHead'), ...head, Buffer.from(mapping)])],
    position: 0,
    isFirst: true,
  }
}

/** The comments of a stream of Opus; `moreBytes` of them are a picture. */
export function opusTags(moreBytes = 0): Buffer {
  return Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8), Buffer.alloc(moreBytes, 'p')])
}

/** 20 ms of nothing: one byte, of which the rest is left out. */
export const silentOpus = Buffer.from([0xf8])
/** 120 ms of nothing: six frames without a byte. */
export const longSilentOpus = Buffer.from([0xfb, 6])

/** `pages` pages of `perPage` packets of Opus, each of `samples`, from `start` on. */
export function opusPages(
  pages: number,
  { perPage = 50, packet = silentOpus, samples = 960, start = 0, isLast = true } = {},
): MadePage[] {
  const packets = Array.from({ length: perPage }, () => packet)
  return Array.from({ length: pages }, (_, page) => ({
    packets,
    position: start + (page + 1) * perPage * samples,
    isLast: isLast && page === pages - 1,
  }))
}

const mpegVersions = [
  { bits: 3, rates: [44_100, 48_000, 32_000], samples: 1152, kbps: 32, place: 1 },
  { bits: 2, rates: [22_050, 24_000, 16_000], samples: 576, kbps: 8, place: 1 },
  { bits: 0, rates: [11_025, 12_000, 8000], samples: 576, kbps: 8, place: 1 },
]

/** Frames of MP3 that say nothing but themselves: silence at the lowest rate of bits. Gives the seconds too. */
export function mp3Frames(count: number, sampleRate: number, channels = 1): { bytes: Buffer; seconds: number } {
  const version = mpegVersions.find(({ rates }) => rates.includes(sampleRate)) ?? mpegVersions[0]
  if (!version) throw new Error('There is no such rate.')
  const { bits, rates, samples, kbps, place } = version
  const frame = Buffer.alloc(Math.floor(((samples / 8) * kbps * 1000) / sampleRate))
  frame.writeUInt8(0xff, 0)
  frame.writeUInt8(0xe0 | (bits << 3) | 3, 1)
  frame.writeUInt8((place << 4) | (rates.indexOf(sampleRate) << 2), 2)
  frame.writeUInt8(channels === 1 ? 0xc0 : 0, 3)
  return {
    bytes: Buffer.concat(Array.from({ length: count }, () => frame)),
    seconds: (count * samples) / sampleRate,
  }
}

/** An ID3v2 tag with so many bytes in it. */
export function id3Tag(bytes: number): Buffer {
  const size = [21, 14, 7, 0].map((bits) => (bytes >> bits) & 0x7f)
  return Buffer.concat([Buffer.from('ID3\x04\0\0', 'latin1'), Buffer.from(size), Buffer.alloc(bytes)])
}

function box(type: string, ...content: Buffer[]): Buffer {
  const whole = Buffer.concat(content)
  return Buffer.concat([bigEndian(8 + whole.length, 4), Buffer.from(type), whole])
}

/** A silent frame of AAC-LC in one channel: an element without a band, and the end. */
const silentAac = Buffer.from([0, 0, 0, 7])

/** An MP4 file of `frames` silent frames of AAC (1024 samples each), 48 kHz, one channel; its tables hold `moreBytes` more. */
export function mp4File(frames: number, moreBytes = 0): Buffer {
  const start = box('ftyp', Buffer.from('M4A \0\0\0\0M4A '))
  const sound = Buffer.alloc(frames * silentAac.length, silentAac)
  const descriptor = (tag: number, ...content: Buffer[]) => {
    const whole = Buffer.concat(content)
    return Buffer.concat([Buffer.from([tag, whole.length]), whole])
  }
  // AAC-LC, the rate at place 3, one channel.
  const config = descriptor(4, Buffer.from([0x40, 0x15]), Buffer.alloc(11), descriptor(5, Buffer.from([0x11, 0x88])))
  const esds = box('esds', Buffer.alloc(4), descriptor(3, Buffer.alloc(3), config))
  const entry = box('mp4a', Buffer.alloc(28), esds)
  const numbers = (...values: number[]) => Buffer.concat([0, ...values].map((value) => bigEndian(value, 4)))
  const table = box(
    'stbl',
    box('stsd', numbers(1), entry),
    box('stsz', numbers(silentAac.length, frames)),
    box('stsc', numbers(1, 1, frames, 1)),
    box('stco', numbers(1, start.length + 8)),
  )
  const media = box('mdia', box('hdlr', Buffer.alloc(8), Buffer.from('soun'), Buffer.alloc(13)), box('minf', table))
  const more = box('free', Buffer.alloc(moreBytes))
  const moov = box('moov', more, box('trak', box('tkhd', numbers(0, 0, 1), Buffer.alloc(64)), media))
  return Buffer.concat([start, box('mdat', sound), moov])
}
