import CodecParser, { type CodecFrame, type OggPage, type OpusHeader } from 'codec-parser'
import { OpusDecoder } from 'opus-decoder'
import type { Decoded, Decoder } from './decoder.ts'

/** Reads Opus in Ogg. */
export function oggOpusDecoder(): Decoder {
  const parser = new CodecParser<OggPage>('audio/ogg')
  let decoder: OpusDecoder | undefined

  async function decodePages(pages: Iterator<OggPage>): Promise<Decoded[]> {
    const frames: CodecFrame[] = []
    for (let page = pages.next(); !page.done; page = pages.next()) frames.push(...page.value.codecFrames)
    const [first] = frames
    if (!first) return []
    decoder ??= await openDecoder(headerOf(first))
    const { channelData, sampleRate } = decoder.decodeFrames(frames.map((frame) => frame.data))
    return [{ channels: channelData, sampleRate }]
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

async function openDecoder(
  header: Pick<OpusHeader, 'channels' | 'streamCount' | 'coupledStreamCount' | 'channelMappingTable' | 'preSkip'>,
): Promise<OpusDecoder> {
  const { channels, streamCount, coupledStreamCount, channelMappingTable, preSkip } = header
  const decoder = new OpusDecoder({ channels, streamCount, coupledStreamCount, channelMappingTable, preSkip })
  await decoder.ready
  return decoder
}
