import type { Decoder } from './decoder.ts'
import { elementReader } from './elementReader.ts'
import { readBoxHeader } from './mp4Boxes.ts'
import { samplesOf, samplesOfFragment, type Sample } from './mp4Samples.ts'
import { openSoundTrack, type SoundTrack } from './mp4Track.ts'

const longestSampleBytes = 1024 * 1024

/**
 * Reads the first sound track of an MP4 file, when it is AAC, Opus or MP3. The first bytes that it is given are those of the
 * box moov (see `moovFirst`), which the others are read by; then comes the file from its start.
 */
export function mp4Decoder(): Decoder {
  const read = elementReader((bytes) => readBoxHeader(bytes, (type) => (type === 'moof' ? 'keep' : 'skip')))
  const cutter = sampleCutter()
  let track: SoundTrack | undefined
  return {
    async decode(bytes) {
      if (!track) {
        track = await openSoundTrack(Buffer.from(bytes))
        cutter.expect(samplesOf(track.table))
        return []
      }
      const { id, usualBytes, decoder } = track
      for (const { at, content } of read(bytes)) cutter.expect(samplesOfFragment(content, at, id, usualBytes))
      const frames = cutter.cut(Buffer.from(bytes))
      return frames.length > 0 ? decoder.decode(frames) : []
    },
    flush: async () => track?.decoder.flush() ?? [],
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
        if (to - from > longestSampleBytes && sample) throw new Error('A frame is too long.')
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
