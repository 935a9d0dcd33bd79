import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { getAudioDecoder } from '@martel/audio-file-decoder'
import { framesAtOnce, type Decoded, type FrameDecoder } from './decoder.ts'

/** The sampling rates that a frame's header can name by their place. */
const sampleRates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350]
const headerBytes = 7
const samplesOfFrame = 1024
/** Each go takes a decoder of its own, so that it is worth some memory: 4 MiB of samples. */
const goesInOne = 4

/** What the header of a frame says of its stream: the profile counts from 0, the rate is the place of it in the list. */
interface AacStream {
  profile: number
  rate: number
  channels: number
}

/**
 * Reads frames of AAC (LC, and the HE profiles built on it) by the AudioSpecificConfig of their stream. The library decodes files
 * rather than streams, so each batch of frames is made into one, in the framing that needs no container (ADTS).
 */
export async function openAacFrames(config: Buffer): Promise<FrameDecoder> {
  const stream = readStream(config)
  const wasm = await openWasm()
  // A profile may double the rate, and make two channels of one; a stream that names none may have eight.
  const channels = stream.channels === 0 ? 8 : Math.max(2, stream.channels)
  const maxWaiting = goesInOne * framesAtOnce(2 * samplesOfFrame * channels)
  let waiting: Uint8Array[] = []

  const secondsOf = (frames: number): number => (frames * samplesOfFrame) / (sampleRates[stream.rate] ?? Infinity)

  async function decodeWaiting(): Promise<Decoded> {
    const decoder = await getAudioDecoder(wasm, adtsFile(waiting, stream))
    try {
      const samples = decoder.decodeAudioData(0, -1, { multiChannel: true })
      const channels = channelsOf(samples, decoder.channelCount)
      // The HE profiles give twice the samples in the same time, and a broken frame none.
      return { channels, sampleRate: (channels[0]?.length ?? 0) / secondsOf(waiting.length - 1) }
    } finally {
      decoder.dispose()
      // A decoder that starts anew gives one frame less than it takes.
      waiting = waiting.slice(-1)
    }
  }

  return {
    async *decode(frames) {
      for (const frame of frames) {
        waiting.push(frame)
        if (waiting.length >= maxWaiting) yield await decodeWaiting()
      }
    },
    async *flush() {
      if (waiting.length > 1) yield await decodeWaiting()
    },
  }
}

/**
 * Makes this process look like a thread of a browser, which the library is made for, and gives the address of its program.
 * The process does nothing else, and ends with its file.
 */
async function openWasm(): Promise<string> {
  const program = await readFile(fileURLToPath(import.meta.resolve('@martel/audio-file-decoder/decode-audio.wasm')))
  const address = URL.createObjectURL(new Blob([program], { type: 'application/wasm' }))
  // Node.js loads its `fetch` when it is first used, and has to see its own version then.
  await fetch('data:,')
  Object.defineProperty(process, 'versions', { value: {} })
  Object.assign(globalThis, { importScripts: () => {}, self: { location: { href: address } } })
  return address
}

/** Reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1) as far as headers of frames need it. */
function readStream(config: Buffer): AacStream {
  let at = 0
  const bits = (count: number): number => {
    let value = 0
    for (const end = at + count; at < end; at++) value = value * 2 + ((config.readUInt8(at >> 3) >> (7 - (at & 7))) & 1)
    return value
  }
  const objectType = (): number => {
    const type = bits(5)
    return type === 31 ? 32 + bits(6) : type
  }
  const rate = (): number => {
    const place = bits(4)
    return place === 15 ? sampleRates.indexOf(bits(24)) : place
  }
  const type = objectType()
  const stream = { profile: type - 1, rate: rate(), channels: bits(4) }
  // The HE profiles name the rate that they reach, then the profile that they are built on.
  if (type === 5 || type === 29) {
    rate()
    stream.profile = objectType() - 1
  }
  const hasShortFrames = bits(1) === 1
  if (
    stream.profile !== 1 ||
    stream.rate < 0 ||
    stream.rate >= sampleRates.length ||
    stream.channels > 7 ||
    hasShortFrames
  )
    throw new Error('The profile of AAC is not known.')
  return stream
}

function adtsFile(frames: readonly Uint8Array[], { profile, rate, channels }: AacStream): ArrayBuffer {
  const file = Buffer.from(new ArrayBuffer(frames.reduce((sum, frame) => sum + headerBytes + frame.length, 0)))
  let at = 0
  for (const frame of frames) {
    const bytes = headerBytes + frame.length
    if (bytes > 0x1fff) throw new Error('A frame is too long.')
    // Sync word, MPEG-4, no checksum; profile, rate and channels; the length in 13 bits; a buffer that is never full.
    file.writeUInt16BE(0xfff1, at)
    file.writeUInt32BE(((profile << 30) | (rate << 26) | (channels << 22) | (bytes << 5) | 0x1f) >>> 0, at + 2)
    file.writeUInt8(0xfc, at + 6)
    file.set(frame, at + headerBytes)
    at += bytes
  }
  return file.buffer
}

function channelsOf(samples: Float32Array, count: number): Float32Array[] {
  const length = Math.floor(samples.length / count)
  return Array.from({ length: count }, (_, channel) => {
    const own = new Float32Array(length)
    for (let index = 0; index < length; index++) own[index] = samples[index * count + channel] ?? 0
    return own
  })
}
