import { readBoxHeader } from './mp4Boxes.ts'

/** Enough for the tables of a day of speech. */
const maxMoovBytes = 8 * 1024 * 1024
/** More than stand before it in any file; a fragmented file has it at its start. */
const maxBoxes = 64
const maxHeaderBytes = 16

/** Reads so many bytes of a file, from `start`. */
export type ReadPart = (start: number, bytes: number) => Promise<Buffer>

/**
 * The content of an MP4 file for one that reads it once: first the box moov, whose tables say what lies where and which
 * often stands at the end, then all of the file. `read` gives a part of it. Nothing at all when there is no such box.
 */
export async function* moovFirst(
  file: { bytes: number; content: AsyncIterable<Uint8Array> },
  read: ReadPart,
): AsyncGenerator<Uint8Array> {
  const moov = await readMoov(file.bytes, read)
  if (!moov) return
  const header = Buffer.from('\0\0\0\0moov', 'latin1')
  header.writeUInt32BE(header.length + moov.length)
  yield header
  yield moov
  yield* file.content
}

/** The content of the box moov of a file. Undefined when there is none, or none that can be read. */
export async function readMoov(fileBytes: number, read: ReadPart): Promise<Buffer | undefined> {
  let at = 0
  for (let box = 0; box < maxBoxes && at + maxHeaderBytes <= fileBytes; box++) {
    const header = headerOf(await read(at, maxHeaderBytes))
    if (!header) return undefined
    const start = at + header.headerBytes
    const end = start + header.contentBytes
    if (header.id === 'moov') {
      const isWhole = header.contentBytes <= maxMoovBytes && end <= fileBytes
      return isWhole ? read(start, header.contentBytes) : undefined
    }
    at = end
  }
  return undefined
}

/** The header of a box; undefined where there is none that can be. */
function headerOf(bytes: Buffer): ReturnType<typeof readBoxHeader> {
  try {
    return readBoxHeader(bytes, () => 'skip')
  } catch {
    return undefined
  }
}
