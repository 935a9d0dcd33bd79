import type { Decoded, Decoder, FrameDecoder } from './decoder.ts'
import { oggPages, type OggPage } from './oggPages.ts'
import { openOpusFrames, readOpusHead } from './opusDecoder.ts'
import { openVorbisFrames } from './vorbisDecoder.ts'

/** A codec in Ogg: how its first packet begins, how many packets stand before the sound, and what reads the sound. */
interface Codec {
  mark: Buffer
  headers: number
  open(headers: readonly Buffer[]): Promise<FrameDecoder>
}

const nothing = Buffer.alloc(0)
const codecs: readonly Codec[] = [
  {
    mark: Buffer.from('OpusHead', 'latin1'),
    headers: 2,
    open: ([head = nothing]) => openOpusFrames(readOpusHead(head)),
  },
  {
    mark: Buffer.from('\x01vorbis', 'latin1'),
    headers: 3,
    open: ([identification = nothing, , setup = nothing]) => openVorbisFrames(identification, setup),
  },
]

/** Longer than any frame or header but comments, which may hold pictures and are not looked at. */
const maxPacketBytes = 1024 * 1024

/** The stream of sound that is being read. */
interface Stream {
  codec: Codec
  packets: PacketReader
  headers: Buffer[]
  decoder: FrameDecoder | undefined
  /** Where the sound stood at the end of the page before. */
  position: number
}

/** Reads Ogg: the first stream of Opus or Vorbis, and those that follow it in the same file. */
export function oggDecoder(): Decoder {
  const pagesOf = oggPages()
  let stream: Stream | undefined
  let id: number | undefined

  async function* decodePage(page: OggPage): AsyncGenerator<Decoded> {
    if (page.isFirst && (stream === undefined || stream.decoder !== undefined)) {
      const codec = codecs.find(({ mark }) => page.packets[0]?.subarray(0, mark.length).equals(mark))
      if (codec) {
        stream = { codec, packets: packetReader(), headers: [], decoder: undefined, position: 0 }
        id = page.stream
      }
    }
    if (stream && page.stream === id) yield* soundOf(stream, page)
  }

  return {
    async *decode(bytes) {
      for (const page of pagesOf(bytes)) yield* decodePage(page)
    },
    async *flush() {
      if (!stream?.decoder) throw new Error('The file has no sound of a codec that is known.')
      yield* stream.decoder.flush()
    },
  }
}

async function* soundOf(stream: Stream, page: OggPage): AsyncGenerator<Decoded> {
  const packets = stream.packets(page)
  const { codec, headers } = stream
  headers.push(...packets.splice(0, codec.headers - headers.length))
  if (headers.length < codec.headers) return
  stream.decoder ??= await codec.open(headers)
  // The last page says where the sound ends, which may be within its last frame.
  let left = page.isLast && page.position >= stream.position ? page.position - stream.position : Infinity
  if (page.position >= 0) stream.position = page.position
  for await (const { channels, sampleRate } of stream.decoder.decode(packets)) {
    const samples = channels[0]?.length ?? 0
    yield { channels: samples > left ? channels.map((channel) => channel.subarray(0, left)) : channels, sampleRate }
    left = Math.max(0, left - samples)
  }
}

type PacketReader = (page: OggPage) => Buffer[]

/** Puts packets together that lie on several pages. What is too long, or of which a page is missing, comes out empty or not at all. */
function packetReader(): PacketReader {
  let open: Buffer[] | undefined
  let openBytes = 0
  let sequence: number | undefined
  return (page) => {
    const isNext = sequence === undefined || page.sequence === sequence + 1
    sequence = page.sequence
    if (!page.isContinued || !isNext) open = undefined
    const packets: Buffer[] = []
    for (const [index, part] of page.packets.entries()) {
      const isBegun = index > 0 || !page.isContinued
      if (isBegun) {
        open = []
        openBytes = 0
      }
      // Its beginning is missing.
      if (!open) continue
      openBytes += part.length
      if (openBytes <= maxPacketBytes) open.push(part)
      if (index === page.packets.length - 1 && !page.isEnded) break
      packets.push(openBytes <= maxPacketBytes ? Buffer.concat(open) : nothing)
      open = undefined
    }
    return packets
  }
}
