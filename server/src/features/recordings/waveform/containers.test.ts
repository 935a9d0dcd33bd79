import { describe, expect, test } from 'vitest'
import { audioFile } from '../../../../test/audioFiles.ts'
import { decodeWaveform } from './decodeWaveform.ts'
import { openDecoderOf } from './decoders.ts'
import { readHeader } from './ebml.ts'
import { elementReader } from './elementReader.ts'
import { moovFirst } from './moovFirst.ts'
import { collectPeaks, type Waveform } from './peaks.ts'
import { readBlock } from './webmBlock.ts'

function* pieces(file: Buffer, bytes: number): Generator<Uint8Array> {
  for (let from = 0; from < file.length; from += bytes) yield Uint8Array.from(file.subarray(from, from + bytes))
}

/** The content of a file as the job gives it on. */
async function* contentOf(name: string, file: Buffer, bytes: number): AsyncGenerator<Uint8Array> {
  const content = (async function* () {
    yield* pieces(file, bytes)
  })()
  if (name.endsWith('.webm')) yield* content
  else yield* moovFirst({ bytes: file.length, content }, async (at, count) => file.subarray(at, at + count))
}

const formatOf = (name: string): string => (name.endsWith('.webm') ? 'webm' : 'mp4')

/** Decodes in this process. */
async function decode(name: string, file: Buffer, bytes = 4096): Promise<Waveform | undefined> {
  const collector = collectPeaks()
  const decoder = await openDecoderOf(formatOf(name))
  for await (const piece of contentOf(name, file, bytes)) {
    for await (const { channels, sampleRate } of decoder.decode(piece)) collector.add(channels, sampleRate)
  }
  for await (const { channels, sampleRate } of decoder.flush()) collector.add(channels, sampleRate)
  return collector.finish()
}

/** An element of Matroska, its length in four bytes or left open. */
function element(id: number, content: Buffer, isOpen = false): Buffer {
  const name = Buffer.from(id.toString(16).padStart(2, '0'), 'hex')
  const length = Buffer.from([
    0x10 | (content.length >>> 24),
    ...[16, 8, 0].map((bits) => (content.length >> bits) & 0xff),
  ])
  return Buffer.concat([name, isOpen ? Buffer.from('01ffffffffffffff', 'hex') : length, content])
}

/** Frames in one block of track 2; `lacing`: 0 none, 1 Xiph, 2 one length, 3 EBML. */
function block(frames: readonly Buffer[], lacing: number): Buffer {
  const head = Buffer.from([0x82, 0, 0, lacing << 1])
  if (lacing === 0) return Buffer.concat([head, ...frames])
  const sizes = frames.slice(0, -1).map((frame) => frame.length)
  const laces = sizes.flatMap((size, index) => {
    if (lacing === 1) return [...Array.from({ length: Math.floor(size / 255) }, () => 255), size % 255]
    const number = index === 0 ? size : size - (sizes[index - 1] ?? 0) + 8191
    return [0x40 | (number >> 8), number & 0xff]
  })
  return Buffer.concat([head, Buffer.from([frames.length - 1, ...(lacing === 2 ? [] : laces)]), ...frames])
}

describe('WebM', () => {
  const source = audioFile('steps-browser.webm')
  const kept = new Set([0x1654ae6b, 0xa3])
  const parts = elementReader((bytes) =>
    readHeader(bytes, (id) => (kept.has(id) ? 'keep' : [0x18538067, 0x1f43b675].includes(id) ? 'enter' : 'skip')),
  )(source)
  const frames = parts.filter(({ id }) => id === 0xa3).flatMap(({ content }) => readBlock(content).frames)
  const setup = source.subarray(source.indexOf('OpusHead'), source.indexOf('OpusHead') + 19)

  function fileOf(clusters: readonly Buffer[]): Buffer {
    const video = element(0xae, Buffer.concat([element(0xd7, Buffer.from([1])), element(0x83, Buffer.from([1]))]))
    const codec = [element(0x86, Buffer.from('A_OPUS')), element(0x63a2, setup)]
    const sound = element(
      0xae,
      Buffer.concat([element(0xd7, Buffer.from([2])), element(0x83, Buffer.from([2])), ...codec]),
    )
    const tracks = element(0x1654ae6b, Buffer.concat([video, sound]))
    return Buffer.concat([
      element(0x1a45dfa3, Buffer.from('webm')),
      element(0x18538067, Buffer.concat([element(0xec, Buffer.alloc(300)), tracks, ...clusters]), true),
    ])
  }

  const picture = element(0xa3, Buffer.concat([Buffer.from([0x81, 0, 0, 0x80]), Buffer.alloc(5000, 0xa3)]))

  test.each([
    ['one frame a block', 0, 1],
    ['laced as Xiph does', 1, 7],
    ['laced with the length of each', 3, 7],
  ])('in block groups between pictures is read as it was: %s', async (_, lacing, framesInBlock) => {
    const clusters: Buffer[] = []
    for (let from = 0; from < frames.length; from += framesInBlock) {
      const group = element(0xa0, element(0xa1, block(frames.slice(from, from + framesInBlock), lacing)))
      clusters.push(
        element(0x1f43b675, Buffer.concat([element(0xe7, Buffer.from([0])), picture, group]), from % 2 === 0),
      )
    }
    const before = await decode('steps.webm', source)
    expect(before?.durationSeconds).toBeGreaterThan(3.9)
    for (const bytes of [1, 1000, 1_000_000])
      expect(await decode('steps.webm', fileOf(clusters), bytes)).toEqual(before)
  })

  test('with frames laced at one length gives them back', () => {
    const same = [1, 2, 3].map((byte) => Buffer.alloc(40, byte))
    expect(readBlock(block(same, 2))).toEqual({ track: 2, frames: same })
  })

  test('that ends early is read as far as it goes', async () => {
    const half = await decode('steps.webm', source.subarray(0, source.length / 2))
    expect(Math.abs((half?.durationSeconds ?? 0) - 2)).toBeLessThan(0.4)
  })

  test('without sound, or with sound of an unknown codec, throws', async () => {
    await expect(decode('steps.webm', fileOf([]).subarray(0, 400))).rejects.toThrow('no sound track')
    const other = Buffer.from(source.toString('latin1').replace('A_OPUS', 'A_OTHR'), 'latin1')
    await expect(decode('steps.webm', other)).rejects.toThrow('codec')
  })
})

describe('MP4', () => {
  test('is read alike in pieces of any size', async () => {
    for (const name of ['steps-browser.mp4', 'steps-mp3.mp4']) {
      const whole = await decode(name, audioFile(name), 1_000_000)
      expect(whole?.durationSeconds).toBeGreaterThan(3.9)
      expect(await decode(name, audioFile(name), 7)).toEqual(whole)
    }
  })

  test('of many fragments is decoded as one, also where AAC is decoded in several goes', async () => {
    const file = audioFile('steps-fragmented.mp4')
    const [from, to] = ['moof', 'mfra'].map((type) => file.indexOf(type) - 4)
    const fragments = file.subarray(from, to)
    const long = Buffer.concat([file.subarray(0, to), ...Array.from({ length: 39 }, () => fragments)])
    const content = (bytes: Buffer) => contentOf('steps.mp4', bytes, 65_536)
    const once = await decodeWaveform('mp4', content(file), AbortSignal.timeout(60_000))
    const often = await decodeWaveform('mp4', content(long), AbortSignal.timeout(60_000))
    // 64 frames of 1024 samples at 16 kHz; a decoder gives one less than it takes.
    expect(once?.durationSeconds).toBeCloseTo(63 * 0.064, 3)
    expect(often?.durationSeconds).toBeCloseTo((40 * 64 - 1) * 0.064, 3)
    // Each time through: the greatest at its beginning, next to nothing at its end.
    const peaks = often?.channels[0] ?? []
    for (let time = 0; time < 40; time++) {
      expect(peaks[25 * time + 3]).toBeGreaterThan(150)
      expect(peaks[25 * time + 22]).toBeLessThan(12)
    }
  })

  test('whose AAC is said to be HE is read by the profile below it', async () => {
    const file = audioFile('steps-moov-last.mp4')
    // From LC, 16 kHz, one channel to HE, 16 kHz, one channel, 32 kHz, LC.
    const before = Buffer.from('140856e500', 'hex')
    const after = Buffer.from('2c0a880000', 'hex')
    const at = file.indexOf(before)
    expect(at).toBeGreaterThan(0)
    const high = Buffer.concat([file.subarray(0, at), after, file.subarray(at + before.length)])
    const decoded = async (bytes: Buffer) =>
      decodeWaveform('mp4', contentOf('steps.mp4', bytes, 65_536), AbortSignal.timeout(60_000))
    const low = await decoded(file)
    expect(low?.durationSeconds).toBeGreaterThan(3.9)
    expect(await decoded(high)).toEqual(low)
  })

  test('that is cut off before its tables cannot be read', async () => {
    const name = 'steps-mp3.mp4'
    await expect(decode(name, audioFile(name).subarray(0, 6000))).rejects.toThrow('no tables')
  })
})

describe('a damaged file', () => {
  /** The same numbers each time, from 0 to 1. */
  function numbers(seed: number): () => number {
    let state = seed
    return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648
  }

  function damaged(file: Buffer, random: () => number): Buffer {
    const copy = Buffer.from(file.subarray(0, random() < 0.3 ? Math.floor(random() * file.length) : file.length))
    // What says where everything is stands at the start or at the end.
    const span = Math.min(copy.length, random() < 0.7 ? 1200 : Infinity)
    const from = random() < 0.5 ? 0 : copy.length - span
    for (let left = Math.floor(random() * 12); left > 0 && span > 0; left--) {
      const at = from + Math.floor(random() * span)
      copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
    }
    return copy
  }

  const isSound = (waveform: Waveform | undefined): boolean =>
    waveform === undefined || waveform.channels.flat().every((peak) => peak >= 0 && peak <= 255)

  test.each(['steps-browser.webm', 'steps-vorbis.webm', 'steps-browser.mp4', 'steps-mp3.mp4'])(
    'is decoded or refused, soon: %s',
    async (name) => {
      const random = numbers(name.length)
      for (let run = 0; run < 60; run++) {
        const file = damaged(audioFile(name), random)
        const startedAt = performance.now()
        const waveform = await decode(name, file).catch((error: unknown) => {
          expect(error).toBeInstanceOf(Error)
          return undefined
        })
        expect(isSound(waveform), `run ${run}`).toBe(true)
        expect(performance.now() - startedAt, `run ${run}`).toBeLessThan(20_000)
      }
    },
  )

  test.each(['steps-moov-last.mp4', 'steps-fragmented.mp4'])('does not reach beyond its process: %s', async (name) => {
    const random = numbers(name.length)
    const decodeDamaged = async (): Promise<Waveform | undefined> => {
      const content = contentOf(name, damaged(audioFile(name), random), 4096)
      return decodeWaveform('mp4', content, AbortSignal.timeout(60_000))
    }
    for (let run = 0; run < 8; run++) expect(isSound(await decodeDamaged()), `run ${run}`).toBe(true)
  })
})
