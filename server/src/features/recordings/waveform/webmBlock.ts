import { readNumber } from './ebml.ts'

/** What a block of a WebM file holds: frames of one track. */
export interface Block {
  track: number
  frames: Buffer[]
}

/** Reads a block (SimpleBlock or Block): one frame, or several that are laced in one of three ways. Throws when it is broken. */
export function readBlock(block: Buffer): Block {
  const track = readNumber(block)
  // After the track's number come a time of two bytes and the flags.
  if (!track || block.length < track.bytes + 3) throw new Error('A block is cut off.')
  const lacing = (block.readUInt8(track.bytes + 2) >> 1) & 3
  const content = block.subarray(track.bytes + 3)
  return { track: track.value, frames: lacing === 0 ? [content] : lacedFrames(content, lacing) }
}

function lacedFrames(content: Buffer, lacing: number): Buffer[] {
  if (content.length === 0) throw new Error('A block is cut off.')
  const count = content.readUInt8(0) + 1
  const laces = content.subarray(1)
  if (lacing === 2) {
    const bytes = laces.length / count
    if (!Number.isInteger(bytes)) throw new Error('The frames of a block are not of one length.')
    return cut(
      laces,
      Array.from({ length: count }, () => bytes),
    )
  }
  const { sizes, bytes } = lacing === 1 ? xiphSizes(laces, count - 1) : ebmlSizes(laces, count - 1)
  const frames = laces.subarray(bytes)
  const last = frames.length - sizes.reduce((sum, size) => sum + size, 0)
  return cut(frames, [...sizes, last])
}

function cut(frames: Buffer, sizes: readonly number[]): Buffer[] {
  let at = 0
  return sizes.map((size) => {
    if (size < 0 || at + size > frames.length) throw new Error('A frame leaves its block.')
    return frames.subarray(at, (at += size))
  })
}

/** Sizes as sums of bytes, of which 255 goes on. Also how Vorbis keeps its headers. */
export function xiphSizes(laces: Buffer, count: number): { sizes: number[]; bytes: number } {
  const sizes: number[] = []
  let at = 0
  while (sizes.length < count) {
    let size = 0
    let byte: number
    do {
      byte = laces.readUInt8(at++)
      size += byte
    } while (byte === 255)
    sizes.push(size)
  }
  return { sizes, bytes: at }
}

/** The first size as it is, each other as its difference from the one before. */
function ebmlSizes(laces: Buffer, count: number): { sizes: number[]; bytes: number } {
  const sizes: number[] = []
  let at = 0
  while (sizes.length < count) {
    const number = readNumber(laces.subarray(at))
    if (!number) throw new Error('A block is cut off.')
    at += number.bytes
    const before = sizes.at(-1)
    // Differences are stored with half of their range added.
    sizes.push(before === undefined ? number.value : before + number.value - (2 ** (7 * number.bytes - 1) - 1))
  }
  return { sizes, bytes: at }
}
