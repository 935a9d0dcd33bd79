import { FLACDecoder } from '@wasm-audio-decoders/flac'
import CodecParser, { type CodecFrame } from 'codec-parser'
import type { Decoded, Decoder } from './decoder.ts'

const magic = 'fLaC'
const blockHeaderBytes = 4
const streamInfoBytes = 34
/** The longest header of a frame. */
const maxHeaderBytes = 16

/** Reads FLAC. Each frame is decoded by itself: thirty bytes can stand for half a million samples. */
export async function flacDecoder(): Promise<Decoder> {
  const decoder = new FLACDecoder()
  await decoder.ready
  const parser = new CodecParser<CodecFrame>('audio/flac', { enableFrameCRC32: false })
  const stream = frameBytes()
  let lastFrame: Uint8Array = new Uint8Array()

  async function* decodeFrames(frames: Iterator<CodecFrame>): AsyncGenerator<Decoded> {
    for (let frame = frames.next(); !frame.done; frame = frames.next()) {
      const { channelData, sampleRate } = await decoder.decodeFrames([(lastFrame = frame.value.data)])
      // A frame may leave its rate to the stream.
      yield { channels: channelData, sampleRate: sampleRate || stream.sampleRate() }
    }
  }

  return {
    decode: (bytes) => decodeFrames(parser.parseChunk(stream.take(bytes))),
    async *flush() {
      // A frame ends where the next begins: the one before once more brings out the last ones, also short ones.
      const decoy = Buffer.concat([lastFrame.subarray(0, maxHeaderBytes), Buffer.alloc(maxHeaderBytes)])
      yield* decodeFrames(lastFrame.length > 0 ? parser.parseChunk(decoy) : parser.flush())
      if (stream.sampleRate() === 0) throw new Error('The file does not say how its samples are written.')
    },
  }
}

/** Passes over what stands before the frames: comments, pictures and tables, however long. */
function frameBytes(): { take(bytes: Uint8Array): Uint8Array; sampleRate(): number } {
  let rest: Buffer = Buffer.alloc(0)
  let skip = magic.length
  let isInFrames = false
  let sampleRate = 0

  /** Passes over one block, or as much of it as is there; false when more bytes are needed. */
  function passBlock(): boolean {
    const skipped = Math.min(skip, rest.length)
    rest = rest.subarray(skipped)
    skip -= skipped
    if (isInFrames || skip > 0 || rest.length < blockHeaderBytes + streamInfoBytes) return false
    const kind = rest.readUInt8(0)
    const bytes = rest.readUIntBE(1, 3)
    if ((kind & 0x7f) === 0 && bytes === streamInfoBytes) sampleRate = rest.readUIntBE(blockHeaderBytes + 10, 3) >> 4
    isInFrames = (kind & 0x80) !== 0
    skip = blockHeaderBytes + bytes
    return true
  }

  return {
    take(bytes) {
      if (isInFrames && skip === 0) return bytes
      rest = Buffer.concat([rest, bytes])
      while (passBlock());
      if (!isInFrames || skip > 0) return new Uint8Array()
      const frames = rest
      rest = Buffer.alloc(0)
      return frames
    },
    sampleRate: () => sampleRate,
  }
}
