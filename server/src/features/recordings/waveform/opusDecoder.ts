import { OpusDecoder } from 'opus-decoder'
import { groupsOf, nothing, type FrameDecoder } from './decoder.ts'

/** What a stream of Opus says of itself. */
interface OpusHead {
  channels: number
  streamCount: number
  coupledStreamCount: number
  channelMappingTable: number[]
  /** Samples at its start that are not played. */
  preSkip: number
}

/** A frame lasts 120 ms at most. */
const maxFrameSamples = 5760

/** Reads frames of Opus, whatever they came in. */
export async function openOpusFrames(head: OpusHead): Promise<FrameDecoder> {
  const { channels, streamCount, coupledStreamCount, channelMappingTable, preSkip } = head
  const decoder = new OpusDecoder({ channels, streamCount, coupledStreamCount, channelMappingTable, preSkip })
  await decoder.ready
  return {
    async *decode(frames) {
      for (const group of groupsOf(frames, maxFrameSamples * channels)) {
        const { channelData, sampleRate } = decoder.decodeFrames(group)
        yield { channels: channelData, sampleRate }
      }
    },
    flush: nothing,
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
