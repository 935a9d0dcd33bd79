import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import type { OggPage } from 'codec-parser'
import { groupsOf, nothing, type FrameDecoder } from './decoder.ts'

/** Bytes of a frame that the library takes. */
const maxFrameBytes = 128 * 1024

/** Reads frames of Vorbis, whatever they came in, by the first and the last of their three headers. */
export async function openVorbisFrames(identification: Uint8Array, setup: Uint8Array): Promise<FrameDecoder> {
  const header = Buffer.from(identification)
  if (header.length < 30 || setup.length > maxFrameBytes) throw new Error('The headers of Vorbis are broken.')
  const channels = header.readUInt8(11)
  // Two frames overlap by half; the longer of the two lengths is a power of two.
  const frameSamples = 2 ** (header.readUInt8(28) >> 4) * channels
  if (channels < 1) throw new Error('The headers of Vorbis are broken.')
  const decoder = new OggVorbisDecoder()
  await decoder.ready
  await decoder.decodeOggPages([pageOf(identification, setup, [])])
  return {
    async *decode(frames) {
      const sound = frames.filter((frame) => frame.length <= maxFrameBytes)
      for (const group of groupsOf(sound, frameSamples)) {
        const { channelData, sampleRate } = await decoder.decodeOggPages([pageOf(new Uint8Array(), setup, group)])
        yield { channels: channelData, sampleRate }
      }
    },
    flush: nothing,
  }
}

/** A page as far as the library looks at it: its own bytes, its frames, and the header of the stream that each carries. */
function pageOf(data: Uint8Array, vorbisSetup: Uint8Array, frames: readonly Uint8Array[]): OggPage {
  const codecFrames = frames.map((frame) => ({ data: frame, header: { vorbisSetup } }))
  return { data, codecFrames, isLastPage: false } as unknown as OggPage
}
