import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { audioFile, wavHeader } from '../../../../test/audioFiles.ts'
import {
  bigEndian,
  flacFile,
  id3Tag,
  longSilentOpus,
  mp3Frames,
  mp4File,
  oggFile,
  opusHead,
  opusPages,
  opusTags,
} from '../../../../test/madeAudio.ts'
import { decodeWaveform } from './decodeWaveform.ts'
import { moovFirst } from './moovFirst.ts'

const maxBytes = 150 * 1024 * 1024
const hasProc = existsSync('/proc/self/status')

const statusOf = (pid: string | number, name: string): number => {
  try {
    const [, kibibytes = 0] = new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kibibytes) * 1024
  } catch {
    return 0
  }
}
const childrenOf = (pid: number): string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)

/**
 * What a file decodes to, and the most that this process and the one that decodes held beyond what was held before; the
 * program's own files are in memory once for both.
 */
async function measured(format: string, file: Buffer) {
  const before = statusOf('self', 'VmRSS')
  let max = 0
  let isOver = false
  const look = async (): Promise<void> => {
    while (!isOver && hasProc) {
      const others = childrenOf(process.pid).map((pid) => statusOf(pid, 'VmHWM') - statusOf(pid, 'RssFile'))
      max = Math.max(max, statusOf('self', 'VmRSS') - before + Math.max(0, ...others))
      await wait(5)
    }
  }
  const looking = look()
  const waveform = await decodeWaveform(format, contentOf(format, file), AbortSignal.timeout(100_000)).finally(
    () => (isOver = true),
  )
  await looking
  return { waveform, maxBytes: max }
}

async function* piecesOf(file: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < file.length; from += 65_536) yield file.subarray(from, from + 65_536)
}

function contentOf(format: string, file: Buffer): AsyncIterable<Uint8Array> {
  if (format !== 'mp4') return piecesOf(file)
  return moovFirst({ bytes: file.length, content: piecesOf(file) }, async (at, bytes) => file.subarray(at, at + bytes))
}

/** A file that browsers record, before whose sound stands a block of so many bytes of another track. */
function webmWithBlock(bytes: number): Buffer {
  const source = audioFile('steps-browser.webm')
  const cluster = source.indexOf(Buffer.from('1f43b675', 'hex'))
  const block = Buffer.concat([Buffer.from('a3', 'hex'), bigEndian(0x10000000 + bytes, 4), Buffer.alloc(bytes, 0x89)])
  return Buffer.concat([source.subarray(0, cluster), block, source.subarray(cluster)])
}

/** A file of Vorbis with the headers of another and `count` frames of one byte: silence. */
function silentVorbis(count: number): Buffer {
  const source = audioFile('tone-vorbis.ogg')
  // The first two pages hold the headers.
  const [, second = 0, third = 0] = [...source.toString('latin1').matchAll(/OggS/g)].map(({ index }) => index)
  const packets = Array.from({ length: 250 }, () => Buffer.from([2]))
  const pages = Array.from({ length: Math.ceil(count / 250) + 2 }, (_, page) => ({ packets, position: page }))
  const made = oggFile(pages, source.readUInt32LE(14))
  const skipped = oggFile(pages.slice(0, 2), 0).length
  expect(second).toBeGreaterThan(0)
  return Buffer.concat([source.subarray(0, third), made.subarray(skipped)])
}

describe('a small file that decodes to very much takes little memory', () => {
  test.each<[string, string, () => Buffer, number]>([
    ['FLAC of eight channels', 'flac', () => flacFile(500, 8), (500 * 65_535) / 48_000],
    ['FLAC of one channel', 'flac', () => flacFile(4000, 1), (4000 * 65_535) / 48_000],
    [
      'Opus in frames of two bytes',
      'ogg',
      () =>
        oggFile([
          opusHead(1),
          { packets: [opusTags()], position: 0 },
          ...opusPages(200, { perPage: 250, packet: longSilentOpus, samples: 5760 }),
        ]),
      200 * 250 * 0.12,
    ],
    [
      'Opus of 200 channels',
      'ogg',
      () =>
        oggFile([
          opusHead(200),
          { packets: [opusTags()], position: 0 },
          ...opusPages(10, {
            perPage: 20,
            // All but the last stream say how long their frame is.
            packet: Buffer.concat([Buffer.alloc(199 * 2, Buffer.from([0xf8, 0])), Buffer.from([0xf8])]),
          }),
        ]),
      4,
    ],
    ['Vorbis in frames of one byte', 'ogg', () => silentVorbis(100_000), (99_999 * 256) / 8000],
    ['MP3', 'mp3', () => mp3Frames(20_000, 8000).bytes, 1440],
    ['AAC behind tables of 8 MB', 'mp4', () => mp4File(500, 8_000_000), (500 * 1024) / 48_000],
    ['WebM with a block of 8 MB', 'webm', () => webmWithBlock(8_000_000), 4],
    ['AAC in frames of four bytes', 'mp4', () => mp4File(20_000), (20_000 * 1024) / 48_000],
    [
      'WAV of 64 channels',
      'wav',
      () => Buffer.concat([wavHeader(12_800_000, 64, 8000), Buffer.alloc(12_800_000)]),
      12.5,
    ],
    ['a tag of 20 MiB', 'mp3', () => Buffer.concat([id3Tag(20 * 1024 * 1024), mp3Frames(100, 8000).bytes]), 7.2],
    [
      'FLAC with pictures of 15 MiB',
      'flac',
      () =>
        flacFile(
          20,
          1,
          [1, 2].map(() => Buffer.alloc(15 * 1024 * 1024)),
        ),
      (20 * 65_535) / 48_000,
    ],
  ])('%s', async (_, format, make, seconds) => {
    const { waveform, maxBytes: max } = await measured(format, make())
    expect(max).toBeLessThan(maxBytes)
    expect(waveform?.durationSeconds).toBeCloseTo(seconds, 0)
  })
})

describe('a process that decodes', () => {
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    const frames = flacFile(1000, 8)
    yield frames
    const again = frames.subarray(42)
    for (;;) yield again
  }

  test('gives up a file that holds more than a day of sound', async () => {
    expect(
      await decodeWaveform(
        'wav',
        piecesOf(Buffer.concat([wavHeader(180_000, 1, 1), Buffer.alloc(180_000)])),
        AbortSignal.timeout(60_000),
      ),
    ).toBeUndefined()
  })

  test('ends with its signal, and when it is killed', async () => {
    const abort = new AbortController()
    const aborted = decodeWaveform('flac', endless(), abort.signal)
    await expect.poll(() => childrenOf(process.pid)).toHaveLength(1)
    abort.abort(new Error('lost'))
    await expect(aborted).rejects.toThrow('lost')
    expect(childrenOf(process.pid)).toEqual([])
    const killed = decodeWaveform('flac', endless(), new AbortController().signal)
    await expect.poll(() => childrenOf(process.pid)).toHaveLength(1)
    for (const pid of childrenOf(process.pid)) process.kill(Number(pid), 'SIGKILL')
    expect(await killed).toBeUndefined()
  })

  test('that cannot be read on ends with the reason', async () => {
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield flacFile(1, 1)
      throw new Error('The store is away.')
    }
    await expect(decodeWaveform('flac', broken(), new AbortController().signal)).rejects.toThrow('The store is away.')
    expect(childrenOf(process.pid)).toEqual([])
  })

  test.runIf(hasProc)('knows nothing of the settings, and is the first to go where memory is short', async () => {
    const abort = new AbortController()
    process.env['EARSHOT_SECRET'] = 'secret'
    const decoding = decodeWaveform('flac', endless(), abort.signal).catch(() => {})
    const [pid] = await expect
      .poll(() => childrenOf(process.pid))
      .toHaveLength(1)
      .then(() => childrenOf(process.pid))
    expect(readFileSync(`/proc/${pid}/environ`, 'latin1')).not.toContain('EARSHOT')
    await expect.poll(() => readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1').trim()).toBe('1000')
    expect(readFileSync(`/proc/${pid}/limits`, 'latin1')).toMatch(/Max cpu time +900 /)
    abort.abort()
    await decoding
  })
})
