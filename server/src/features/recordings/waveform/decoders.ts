import type { Decoder } from './decoder.ts'
import { flacDecoder } from './flacDecoder.ts'
import { mp3Decoder } from './mp3Decoder.ts'
import { mp4Decoder } from './mp4Decoder.ts'
import { oggDecoder } from './oggDecoder.ts'
import { wavDecoder } from './wavDecoder.ts'
import { webmDecoder } from './webmDecoder.ts'

/** The decoders by the format of the file; what a file holds beyond that, they find out. */
const decoders: Record<string, () => Decoder | Promise<Decoder>> = {
  wav: wavDecoder,
  mp3: mp3Decoder,
  flac: flacDecoder,
  ogg: oggDecoder,
  webm: webmDecoder,
  mp4: mp4Decoder,
}

/** Opens the decoder of a format. Throws for one that is not known. */
export async function openDecoderOf(format: string): Promise<Decoder> {
  const open = decoders[format]
  if (!open) throw new Error('The format is not known.')
  return open()
}
