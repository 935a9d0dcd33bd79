import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import type { OggPage } from 'codec-parser'
import type { FrameDecoder } from './decoder.ts'

/** Reads frames of Vorbis that did not come in Ogg, by the first and the last of their three headers. */
export async function openVorbisFrames(identification: Uint8Array, setup: Uint8Array): Promise<FrameDecoder> {
  const decoder = new OggVorbisDecoder()
  await decoder.ready
  await decoder.decodeOggPages([pageOf(identification, setup, [])])
  return {
    async decode(frames) {
      const { channelData, sampleRate } = await decoder.decodeOggPages([pageOf(new Uint8Array(), setup, frames)])
      return [{ channels: channelData, sampleRate }]
    },
    flush: async () => [],
  }
}

/** A page as far as the library looks at it: its own bytes, its frames, and the header of the stream that each carries. */
function pageOf(data: Uint8Array, vorbisSetup: Uint8Array, frames: readonly Uint8Array[]): OggPage {
  const codecFrames = frames.map((frame) => ({ data: frame, header: { vorbisSetup } }))
  return { data, codecFrames, isLastPage: false } as unknown as OggPage
}
