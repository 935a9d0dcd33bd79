import type { Decoder, FrameDecoder } from './decoder.ts'
import { childrenOf, elementsOf, readHeader, unsignedOf } from './ebml.ts'
import { elementReader } from './elementReader.ts'
import { openOpusFrames, readOpusHead } from './opusDecoder.ts'
import { openVorbisFrames } from './vorbisDecoder.ts'
import { readBlock, xiphSizes } from './webmBlock.ts'

/** Ids of the elements of Matroska (RFC 9559) that matter here. */
const ids = {
  segment: 0x18538067,
  cluster: 0x1f43b675,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  codecId: 0x86,
  codecPrivate: 0x63a2,
}
const audioTrack = 2
/** What is passed through rather than read whole; browsers leave the lengths of the first two open. */
const entered = new Set([ids.segment, ids.cluster, ids.blockGroup])
const kept = new Set([ids.tracks, ids.block, ids.simpleBlock])

/** Reads the first audio track of a WebM file, when it is Opus or Vorbis. */
export function webmDecoder(): Decoder {
  const read = elementReader((bytes) =>
    readHeader(bytes, (id) => (entered.has(id) ? 'enter' : kept.has(id) ? 'keep' : 'skip')),
  )
  let track: { number: number; decoder: FrameDecoder } | undefined
  return {
    async *decode(bytes) {
      const frames: Buffer[] = []
      for (const { id, content } of read(bytes)) {
        if (id === ids.tracks) {
          track ??= await openTrack(content)
          continue
        }
        const block = readBlock(content)
        if (block.track === track?.number) frames.push(...block.frames)
      }
      if (track) yield* track.decoder.decode(frames)
    },
    flush() {
      if (!track) throw new Error('The file has no sound track.')
      return track.decoder.flush()
    },
  }
}

async function openTrack(tracks: Buffer): Promise<{ number: number; decoder: FrameDecoder }> {
  for (const { id, content } of elementsOf(tracks)) {
    const entry = id === ids.trackEntry ? childrenOf(content) : undefined
    if (!entry || unsignedOf(entry.get(ids.trackType)) !== audioTrack) continue
    const number = unsignedOf(entry.get(ids.trackNumber))
    if (number === undefined) throw new Error('The audio track has no number.')
    const codec = entry.get(ids.codecId)?.toString('latin1') ?? ''
    return { number, decoder: await openFrames(codec, entry.get(ids.codecPrivate) ?? Buffer.alloc(0)) }
  }
  throw new Error('The file has no audio track.')
}

function openFrames(codec: string, setup: Buffer): Promise<FrameDecoder> {
  switch (codec) {
    case 'A_OPUS':
      return openOpusFrames(readOpusHead(setup))
    case 'A_VORBIS': {
      // Three headers: a byte tells that there are two more, then come the lengths of the first two.
      const { sizes, bytes } = xiphSizes(setup.subarray(1), 2)
      const [first = 0, second = 0] = sizes
      const headers = setup.subarray(1 + bytes)
      return openVorbisFrames(headers.subarray(0, first), headers.subarray(first + second))
    }
    default:
      throw new Error('The codec of the audio track is not known.')
  }
}
