import { MPEGDecoder } from 'mpg123-decoder'
import type { Decoder, FrameDecoder } from './decoder.ts'

/** Reads MP3. */
export async function mp3Decoder(): Promise<Decoder> {
  const decoder = new MPEGDecoder()
  await decoder.ready
  return {
    async decode(bytes) {
      const { channelData, sampleRate } = decoder.decode(bytes)
      return [{ channels: channelData, sampleRate }]
    },
    flush: async () => [],
  }
}

/** Reads frames of MP3 that a container held: one after another they are what a file is. */
export async function openMp3Frames(): Promise<FrameDecoder> {
  const decoder = await mp3Decoder()
  return { decode: (frames) => decoder.decode(Buffer.concat(frames)), flush: () => decoder.flush() }
}
