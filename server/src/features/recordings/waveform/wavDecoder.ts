import { nothing, type Decoded, type Decoder } from './decoder.ts'

/** How the samples of a WAV file are written. */
interface WavFormat {
  channels: number
  sampleRate: number
  bytesPerSample: number
  read: (view: DataView, at: number) => number
}

type Reader = WavFormat['read']

const pcm: Record<number, Reader> = {
  8: (view, at) => (view.getUint8(at) - 128) / 128,
  16: (view, at) => view.getInt16(at, true) / 32_768,
  24: (view, at) => (view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) / 8_388_608,
  32: (view, at) => view.getInt32(at, true) / 2_147_483_648,
}
const floats: Record<number, Reader> = {
  32: (view, at) => view.getFloat32(at, true),
  64: (view, at) => view.getFloat64(at, true),
}
/** By the number of the format: PCM, floating point, and the two laws of telephony (G.711). */
const readers: Record<number, Record<number, Reader>> = {
  1: pcm,
  3: floats,
  6: { 8: (view, at) => fromALaw(view.getUint8(at)) },
  7: { 8: (view, at) => fromMuLaw(view.getUint8(at)) },
}
const extensible = 0xfffe
const maxFormatBytes = 4096
/** What writers put for a length that they do not know yet, or that takes more than four bytes. */
const unknownBytes = new Set([0, 0xffffffff])

/** Reads WAV files (also RF64): PCM of 8 to 32 bits, floating point, A-law and µ-law. */
export function wavDecoder(): Decoder {
  let rest: Buffer = Buffer.alloc(0)
  let skip = 12
  let format: WavFormat | undefined
  /** Bytes of samples that are still to come; undefined before the first. */
  let left: number | undefined
  let longBytes: number | undefined

  /** Reads chunks until the samples begin; false when more bytes are needed. */
  function readChunks(): boolean {
    for (;;) {
      const skipped = Math.min(skip, rest.length)
      rest = rest.subarray(skipped)
      skip -= skipped
      if (skip > 0 || rest.length < 8) return false
      const name = rest.toString('latin1', 0, 4)
      const bytes = rest.readUInt32LE(4)
      if (name === 'data') {
        if (!format) throw new Error('The samples come before their format.')
        rest = rest.subarray(8)
        left = unknownBytes.has(bytes) ? (longBytes ?? Infinity) : bytes
        return true
      }
      if (name === 'ds64') {
        // The lengths of a file of more than 4 GiB: of the whole, then of its samples.
        if (rest.length < 24) return false
        longBytes = Number(rest.readBigUInt64LE(16))
      }
      if (name === 'fmt ') {
        if (bytes > maxFormatBytes) throw new Error('The format is too long.')
        if (rest.length < 8 + bytes) return false
        format = readFormat(rest.subarray(8, 8 + bytes))
      }
      skip = 8 + bytes + (bytes % 2)
    }
  }

  function takeSamples(): Decoded[] {
    if (!format || left === undefined) return []
    const { channels, sampleRate, bytesPerSample, read } = format
    // What comes after the samples is none.
    rest = rest.subarray(0, left)
    const frames = Math.floor(rest.length / (bytesPerSample * channels))
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength)
    const samples = Array.from({ length: channels }, () => new Float32Array(frames))
    for (let frame = 0, at = 0; frame < frames; frame++) {
      for (const channel of samples) {
        channel[frame] = read(view, at)
        at += bytesPerSample
      }
    }
    rest = rest.subarray(frames * bytesPerSample * channels)
    left -= frames * bytesPerSample * channels
    return [{ channels: samples, sampleRate }]
  }

  return {
    async *decode(bytes) {
      rest = Buffer.concat([rest, bytes])
      if (left !== undefined || readChunks()) yield* takeSamples()
    },
    flush() {
      if (left === undefined) throw new Error('The file has no samples.')
      return nothing()
    },
  }
}

function readFormat(chunk: Buffer): WavFormat {
  if (chunk.length < 16) throw new Error('The format is too short.')
  const tag = chunk.readUInt16LE(0)
  const number = tag === extensible && chunk.length >= 26 ? chunk.readUInt16LE(24) : tag
  const bits = chunk.readUInt16LE(14)
  const read = readers[number]?.[bits]
  const channels = chunk.readUInt16LE(2)
  const sampleRate = chunk.readUInt32LE(4)
  if (!read || channels < 1 || channels > 64 || sampleRate < 1)
    throw new Error('The format of the samples is not known.')
  return { channels, sampleRate, bytesPerSample: bits / 8, read }
}

function fromMuLaw(byte: number): number {
  const value = ~byte & 0xff
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84
  return (value & 0x80 ? -magnitude : magnitude) / 32_768
}

function fromALaw(byte: number): number {
  const value = byte ^ 0x55
  const exponent = (value & 0x70) >> 4
  const mantissa = ((value & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return (value & 0x80 ? magnitude : -magnitude) / 32_768
}
