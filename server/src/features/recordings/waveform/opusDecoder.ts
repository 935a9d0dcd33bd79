import CodecParser, { type CodecFrame, type OggPage, type OpusHeader } from 'codec-parser'
import { OpusDecoder } from 'opus-decoder'
import type { Decoded, Decoder, FrameDecoder } from './decoder.ts'

/** What a stream of Opus says of itself. */
type OpusHead = Pick<OpusHeader, 'channels' | 'streamCount' | 'coupledStreamCount' | 'channelMappingTable' | 'preSkip'>

/** Reads Opus in Ogg. */
export function oggOpusDecoder(): Decoder {
  const parser = new CodecParser<OggPage>('audio/ogg')
  let decoder: FrameDecoder | undefined

  async function decodePages(pages: Iterator<OggPage>): Promise<Decoded[]> {
    const frames: CodecFrame[] = []
    for (let page = pages.next(); !page.done; page = pages.next()) frames.push(...page.value.codecFrames)
    const [first] = frames
    if (!first) return []
    decoder ??= await openOpusFrames(headerOf(first))
    return decoder.decode(frames.map((frame) => frame.data))
  }

  return {
    decode: (bytes) => decodePages(parser.parseChunk(bytes)),
    flush: () => decodePages(parser.flush()),
  }
}

/** Frames of an Opus stream carry the header of their stream. */
function headerOf(frame: CodecFrame): OpusHeader {
  return frame.header as OpusHeader
}

/** Reads frames of Opus, whatever they came in. */
export async function openOpusFrames(head: OpusHead): Promise<FrameDecoder> {
  const { channels, streamCount, coupledStreamCount, channelMappingTable, preSkip } = head
  const decoder = new OpusDecoder({ channels, streamCount, coupledStreamCount, channelMappingTable, preSkip })
  await decoder.ready
  return {
    async decode(frames) {
      const { channelData, sampleRate } = decoder.decodeFrames([...frames])
      return [{ channels: channelData, sampleRate }]
    },
    flush: async () => [],
  }
}

/** Reads the header of Opus as Ogg and WebM keep it (RFC 7845, 5.1). */
export function readOpusHead(bytes: Buffer): OpusHead {
  if (bytes.toString('latin1', 0, 8) !== 'OpusHead') throw new Error('The header of Opus is broken.')
  return opusHead(bytes.subarray(8), bytes.readUInt16LE(10))
}

/** Reads it as MP4 keeps it (the box dOps), which turns its numbers around. */
export function readOpusBox(bytes: Buffer): OpusHead {
  return opusHead(bytes, bytes.readUInt16BE(2))
}

/** `bytes` begin with the version; which channel is in which stream is said where there are more than two. */
function opusHead(bytes: Buffer, preSkip: number): OpusHead {
  const channels = bytes.readUInt8(1)
  if (channels < 1) throw new Error('The header of Opus is broken.')
  if (bytes.readUInt8(10) === 0) {
    if (channels > 2) throw new Error('The header of Opus is broken.')
    return {
      channels,
      streamCount: 1,
      coupledStreamCount: channels - 1,
      channelMappingTable: [0, 1].slice(0, channels),
      preSkip,
    }
  }
  const channelMappingTable = [...bytes.subarray(13, 13 + channels)]
  const [streamCount, coupledStreamCount] = [bytes.readUInt8(11), bytes.readUInt8(12)]
  if (channelMappingTable.length < channels || streamCount < 1 || coupledStreamCount > streamCount)
    throw new Error('The header of Opus is broken.')
  return { channels, streamCount, coupledStreamCount, channelMappingTable, preSkip }
}
