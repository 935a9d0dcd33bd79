import type { Decoder } from './decoder.ts'
import { elementReader } from './elementReader.ts'
import { readBoxHeader } from './mp4Boxes.ts'
import { samplesOf, samplesOfFragment, type Sample } from './mp4Samples.ts'
import { openSoundTrack, type SoundTrack } from './mp4Track.ts'

const maxSampleBytes = 1024 * 1024

/**
 * Reads the first sound track of an MP4 file, when it is AAC, Opus or MP3. What it is given begins with the box moov (see
 * `moovFirst`), which the rest is read by; then comes the file from its start.
 */
export function mp4Decoder(): Decoder {
  const read = elementReader((bytes) => readBoxHeader(bytes, (type) => (type === 'moof' ? 'keep' : 'skip')))
  const cutter = sampleCutter()
  const takeMoov = firstBox()
  let track: SoundTrack | undefined
  return {
    async *decode(bytes) {
      const after = track ? undefined : takeMoov(bytes)
      if (after) {
        track = await openSoundTrack(after.moov)
        cutter.expect(samplesOf(track.table))
      }
      if (!track) return
      const { id, usualBytes, decoder } = track
      const piece = after ? after.rest : Buffer.from(bytes)
      for (const { at, content } of read(piece)) cutter.expect(samplesOfFragment(content, at, id, usualBytes))
      yield* decoder.decode(cutter.cut(piece))
    },
    flush() {
      if (!track) throw new Error('The file has no tables.')
      return track.decoder.flush()
    },
  }
}

/** Gathers the first box: its content, once it is whole, and what came with it. */
function firstBox(): (bytes: Uint8Array) => { moov: Buffer; rest: Buffer } | undefined {
  let pieces: Uint8Array[] = []
  let gathered = 0
  let end: number | undefined
  return (bytes) => {
    pieces.push(bytes)
    gathered += bytes.length
    if (end === undefined) {
      const header = readBoxHeader(Buffer.concat(pieces), () => 'keep')
      end = header && header.headerBytes + header.contentBytes
    }
    if (end === undefined || gathered < end) return undefined
    const whole = Buffer.concat(pieces)
    pieces = []
    return { moov: whole.subarray(8, end), rest: whole.subarray(end) }
  }
}

/** Cuts frames out of a file as its bytes come, in the order in which they lie there. Throws when they lie in another. */
function sampleCutter(): { expect(samples: Iterator<Sample>): void; cut(bytes: Buffer): Buffer[] } {
  const expected: Iterator<Sample>[] = []
  let sample: Sample | undefined
  let rest: Buffer = Buffer.alloc(0)
  let restAt = 0

  function nextSample(): Sample | undefined {
    for (;;) {
      const next = expected[0]?.next()
      if (!next) return undefined
      if (!next.done) return next.value
      expected.shift()
    }
  }

  return {
    expect(samples) {
      expected.push(samples)
    },
    cut(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
      const frames: Buffer[] = []
      for (;;) {
        sample ??= nextSample()
        const from = sample ? sample.at - restAt : rest.length
        const to = sample ? from + sample.bytes : Infinity
        if (from < 0) throw new Error('The frames do not lie in their order.')
        if (to - from > maxSampleBytes && sample) throw new Error('A frame is too long.')
        if (to > rest.length) {
          const passed = Math.min(from, rest.length)
          rest = rest.subarray(passed)
          restAt += passed
          return frames
        }
        if (to > from) frames.push(rest.subarray(from, to))
        sample = undefined
      }
    },
  }
}
