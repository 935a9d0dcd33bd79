import { MPEGDecoder } from 'mpg123-decoder'
import { nothing, type Decoder, type FrameDecoder } from './decoder.ts'
import { mpegChannels, mpegHeaderBytes } from './mpegFrame.ts'

/**
 * What is decoded at once. The library tells one sampling rate for all that it gives, and a file may change it: so few
 * bytes hold hardly more than a frame.
 */
const bytesAtOnce = 512

/** Reads MP3. */
export async function mp3Decoder(): Promise<Decoder> {
  const decoder = new MPEGDecoder()
  await decoder.ready
  let channels: number | undefined
  let searched: Buffer = Buffer.alloc(0)
  let hasSound = false
  return {
    async *decode(bytes) {
      if (channels === undefined) {
        searched = Buffer.concat([searched, bytes])
        channels = mpegChannels(searched)
        searched = searched.subarray(1 - mpegHeaderBytes)
      }
      for (let from = 0; from < bytes.length; from += bytesAtOnce) {
        const { channelData, sampleRate, samplesDecoded } = decoder.decode(bytes.subarray(from, from + bytesAtOnce))
        if (samplesDecoded === 0) continue
        hasSound = true
        // The library makes two channels of one.
        yield { channels: channelData.slice(0, channels), sampleRate }
      }
    },
    async *flush() {
      if (!hasSound) throw new Error('The file has no frame of MP3.')
      yield* nothing()
    },
  }
}

/** Reads frames of MP3 that a container held: one after another they are what a file is. */
export async function openMp3Frames(): Promise<FrameDecoder> {
  const decoder = await mp3Decoder()
  return { decode: (frames) => decoder.decode(Buffer.concat(frames)), flush: nothing }
}
