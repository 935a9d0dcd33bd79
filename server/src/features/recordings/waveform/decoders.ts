import { FLACDecoder } from '@wasm-audio-decoders/flac'
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import type { Decoded, Decoder } from './decoder.ts'
import { mp3Decoder } from './mp3Decoder.ts'
import { mp4Decoder } from './mp4Decoder.ts'
import { oggOpusDecoder } from './opusDecoder.ts'
import { wavDecoder } from './wavDecoder.ts'
import { webmDecoder } from './webmDecoder.ts'

/** Opens the decoder of a file by its format and first bytes. Undefined where there is none: other codecs in Ogg. */
export async function openDecoderOf(format: string, start: Buffer): Promise<Decoder | undefined> {
  switch (format) {
    case 'wav':
      return wavDecoder()
    case 'mp3':
      return mp3Decoder()
    case 'flac':
      return flushing(new FLACDecoder())
    case 'ogg':
      if (start.includes('OpusHead')) return oggOpusDecoder()
      if (start.includes('\x01vorbis')) return flushing(new OggVorbisDecoder())
      return undefined
    case 'webm':
      return webmDecoder()
    case 'mp4':
      return mp4Decoder()
    default:
      return undefined
  }
}

interface LibraryAudio {
  channelData: Float32Array[]
  sampleRate: number
}

async function flushing(decoder: {
  ready: Promise<void>
  decode(bytes: Uint8Array): Promise<LibraryAudio>
  flush(): Promise<LibraryAudio>
}): Promise<Decoder> {
  await decoder.ready
  return {
    decode: async (bytes) => piecesOf(await decoder.decode(bytes)),
    flush: async () => piecesOf(await decoder.flush()),
  }
}

function piecesOf({ channelData, sampleRate }: LibraryAudio): Decoded[] {
  return [{ channels: channelData, sampleRate }]
}
