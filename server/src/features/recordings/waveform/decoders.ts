import type { Decoder } from './decoder.ts'

/** The decoders by the format of the file, each loaded when it is needed; what a file holds beyond that, they find out. */
const decoders: Record<string, () => Promise<Decoder>> = {
  wav: async () => (await import('./wavDecoder.ts')).wavDecoder(),
  mp3: async () => (await import('./mp3Decoder.ts')).mp3Decoder(),
  flac: async () => (await import('./flacDecoder.ts')).flacDecoder(),
  ogg: async () => (await import('./oggDecoder.ts')).oggDecoder(),
  webm: async () => (await import('./webmDecoder.ts')).webmDecoder(),
  mp4: async () => (await import('./mp4Decoder.ts')).mp4Decoder(),
}

/** Opens the decoder of a format. Throws for one that is not known. */
export async function openDecoderOf(format: string): Promise<Decoder> {
  const open = decoders[format]
  if (!open) throw new Error('The format is not known.')
  return open()
}
