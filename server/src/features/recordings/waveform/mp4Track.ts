import { openAacFrames } from './aacDecoder.ts'
import type { FrameDecoder } from './decoder.ts'
import { openMp3Frames } from './mp3Decoder.ts'
import { boxAt, boxesIn, requiredBox } from './mp4Boxes.ts'
import { openOpusFrames, readOpusBox } from './opusDecoder.ts'

/** The first sound track of an MP4 file. */
export interface SoundTrack {
  id: number
  /** The tables of its frames (the box stbl); empty ones in a fragmented file. */
  table: Buffer
  /** How long a frame of a fragment is that does not say it. */
  usualBytes: number
  decoder: FrameDecoder
}

/** Finds the sound track by the content of the box moov. Throws when there is none, or none that can be decoded. */
export async function openSoundTrack(moov: Buffer): Promise<SoundTrack> {
  const track = boxesIn(moov, 'trak').find((box) => boxAt(box, 'mdia', 'hdlr')?.toString('latin1', 8, 12) === 'soun')
  if (!track) throw new Error('The file has no sound.')
  const header = requiredBox(track, 'tkhd')
  // Times before the id are of eight bytes in version 1.
  const id = header.readUInt32BE(header.readUInt8(0) === 1 ? 20 : 12)
  const table = requiredBox(track, 'mdia', 'minf', 'stbl')
  const extended = boxAt(moov, 'mvex')
  const defaults = extended && boxesIn(extended, 'trex').find((box) => box.readUInt32BE(4) === id)
  const decoder = await openFrames(requiredBox(table, 'stsd'))
  return { id, table, usualBytes: defaults?.readUInt32BE(16) ?? 0, decoder }
}

/** Opens the decoder that the first description of the samples (of the box stsd) asks for. */
function openFrames(descriptions: Buffer): Promise<FrameDecoder> {
  const entry = descriptions.subarray(8)
  switch (entry.toString('latin1', 4, 8)) {
    case 'Opus':
      return openOpusFrames(readOpusBox(contentOf(entry, 'dOps')))
    case 'mp4a':
      return openStream(contentOf(entry, 'esds'))
    default:
      throw new Error('The codec of the sound track is not known.')
  }
}

/** Boxes of a description come after fields whose number differs from writer to writer; they are found by their names. */
function contentOf(entry: Buffer, type: string): Buffer {
  const at = entry.indexOf(type, 8, 'latin1')
  if (at < 0) throw new Error(`The description of the sound has no box ${type}.`)
  return entry.subarray(at + 4)
}

const decoderConfig = 4
const decoderSpecific = 5

/** By the descriptors of MPEG-4 (ISO/IEC 14496-1): which codec it is, and its set-up. */
function openStream(esds: Buffer): Promise<FrameDecoder> {
  // Version and flags, then the descriptor of the stream: its id, flags, and what these announce.
  const stream = descriptorOf(esds.subarray(4)).content
  const flags = stream.readUInt8(2)
  const fields = 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? 1 + stream.readUInt8(3) : 0) + (flags & 0x20 ? 2 : 0)
  const config = descriptorOf(stream.subarray(fields))
  if (config.tag !== decoderConfig) throw new Error('The description of the sound names no codec.')
  const codec = config.content.readUInt8(0)
  if (codec === 0x69 || codec === 0x6b) return openMp3Frames()
  const setup = descriptorOf(config.content.subarray(13))
  if (setup.tag !== decoderSpecific) throw new Error('The description of the sound has no set-up.')
  if (codec === 0x40 || (codec >= 0x66 && codec <= 0x68)) return openAacFrames(setup.content)
  throw new Error('The codec of the sound track is not known.')
}

/** A tag, a length of up to four bytes with seven bits each, and as many bytes. */
function descriptorOf(bytes: Buffer): { tag: number; content: Buffer } {
  let length = 0
  let at = 1
  let byte: number
  do {
    byte = bytes.readUInt8(at++)
    length = length * 128 + (byte & 0x7f)
  } while (byte & 0x80 && at < 5)
  return { tag: bytes.readUInt8(0), content: bytes.subarray(at, at + length) }
}
