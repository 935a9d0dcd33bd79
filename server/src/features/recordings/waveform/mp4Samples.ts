import { boxAt, boxesIn, requiredBox } from './mp4Boxes.ts'

/** Where a frame lies in the file. */
export interface Sample {
  at: number
  bytes: number
}

/** The frames that the tables of a track name (its box stbl), chunk by chunk. */
export function* samplesOf(table: Buffer): Generator<Sample> {
  const sizes = requiredBox(table, 'stsz')
  const runs = requiredBox(table, 'stsc')
  const offsetAt = chunkOffsets(table)
  const commonBytes = sizes.readUInt32BE(4)
  const count = sizes.readUInt32BE(8)
  const runCount = runs.readUInt32BE(4)
  let sample = 0
  let run = 0
  for (let chunk = 0; sample < count; chunk++) {
    // A run of chunks that hold as many samples ends where the next begins; chunks count from 1.
    if (run + 1 < runCount && runs.readUInt32BE(8 + 12 * (run + 1)) <= chunk + 1) run++
    const inChunk = runs.readUInt32BE(8 + 12 * run + 4)
    let at = offsetAt(chunk)
    for (let index = 0; index < inChunk && sample < count; index++, sample++) {
      const bytes = commonBytes === 0 ? sizes.readUInt32BE(12 + 4 * sample) : commonBytes
      yield { at, bytes }
      at += bytes
    }
  }
}

function chunkOffsets(table: Buffer): (chunk: number) => number {
  const long = boxAt(table, 'co64')
  if (long) return (chunk) => Number(long.readBigUInt64BE(8 + 8 * chunk))
  const short = requiredBox(table, 'stco')
  return (chunk) => short.readUInt32BE(8 + 4 * chunk)
}

/** Flags of the boxes of a fragment: which fields are there. */
const tfhd = { baseOffset: 0x1, description: 0x2, duration: 0x8, size: 0x10 }
const trun = { offset: 0x1, firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 }

/** The frames of one track that a fragment (the content of a box moof, which begins at `moofAt`) names. */
export function* samplesOfFragment(
  moof: Buffer,
  moofAt: number,
  trackId: number,
  usualBytes: number,
): Generator<Sample> {
  for (const traf of boxesIn(moof, 'traf')) {
    const header = requiredBox(traf, 'tfhd')
    if (header.readUInt32BE(4) !== trackId) continue
    const flags = header.readUInt32BE(0)
    let field = 8
    const base = flags & tfhd.baseOffset ? Number(header.readBigUInt64BE(field)) : moofAt
    if (flags & tfhd.baseOffset) field += 8
    if (flags & tfhd.description) field += 4
    if (flags & tfhd.duration) field += 4
    const defaultBytes = flags & tfhd.size ? header.readUInt32BE(field) : usualBytes
    let end = base
    for (const run of boxesIn(traf, 'trun')) {
      for (const sample of samplesOfRun(run, base, end, defaultBytes)) {
        yield sample
        end = sample.at + sample.bytes
      }
    }
  }
}

/** A run begins where it says, from `base`, or else where the one before ended. */
function* samplesOfRun(run: Buffer, base: number, end: number, defaultBytes: number): Generator<Sample> {
  const flags = run.readUInt32BE(0)
  const count = run.readUInt32BE(4)
  let at = flags & trun.offset ? base + run.readInt32BE(8) : end
  const first = 8 + (flags & trun.offset ? 4 : 0) + (flags & trun.firstFlags ? 4 : 0)
  const before = flags & trun.duration ? 4 : 0
  const entryBytes = [trun.duration, trun.size, trun.flags, trun.composition].filter((flag) => flags & flag).length * 4
  if (!(flags & trun.size) && defaultBytes === 0) throw new Error('A fragment does not say how long its frames are.')
  for (let index = 0; index < count; index++) {
    const bytes = flags & trun.size ? run.readUInt32BE(first + index * entryBytes + before) : defaultBytes
    yield { at, bytes }
    at += bytes
  }
}
