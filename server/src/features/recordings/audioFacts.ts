import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { parseFromTokenizer } from 'music-metadata'
import { AbstractTokenizer, EndOfStreamError, type IReadChunkOptions } from 'strtok3'
import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import { id3Bytes, id3HeaderBytes } from './waveform/id3Tag.ts'
import { readMoov } from './waveform/moovFirst.ts'
import { boxAt } from './waveform/mp4Boxes.ts'

/** The properties that a file declares; undefined if it declares none that can be read. */
export interface AudioFacts {
  durationSeconds: number | undefined
  channels: number | undefined
}

const blockBytes = 64 * 1024
const keptBlocks = 8
/**
 * Limits for reading metadata. The library keeps what it reads as much larger objects until the end of the file: twenty
 * megabytes of comments took two hundred of memory. Beyond the limits reading stops, and the decoder determines the
 * duration. MP4 tables are long but fast to read.
 */
const maxParts = 20_000
const maxBytes = 2 * 1024 * 1024
const maxBytesOfMp4 = 8 * 1024 * 1024
/** A part of a header is parsed synchronously and blocks the event loop meanwhile, so parts are limited. */
const maxPartBytes = 256 * 1024
const maxPartBytesOfMp4 = 2 * 1024 * 1024
/** Reading yields to other work after this many parts, even when all data is in memory. */
const partsPerYield = 500

/** Reads duration and channels from a stored file, block by block. An unreadable file has neither. */
export async function audioFacts(ports: Ports, key: string, contentType: string): Promise<AudioFacts> {
  const bytes = (await ports.files.size(key)) ?? 0
  const tokenizer = new StoredAudio(ports, { key, bytes, contentType })
  try {
    await tokenizer.passTag()
    const hasFragments = contentType === 'audio/mp4' && (await isFragmented(tokenizer))
    const { format } = await parseFromTokenizer(tokenizer, { duration: true, skipCovers: true })
    // Files written while recording, as browsers do, declare no duration or only that of a fragment.
    const durationSeconds = hasFragments ? undefined : positive(format.duration)
    return { durationSeconds, channels: positive(format.numberOfChannels) }
  } catch (error) {
    ports.log.info({ reason: messageOf(error).slice(0, 200) }, 'a recording declares no duration')
    return { durationSeconds: undefined, channels: undefined }
  }
}

/** Returns whether an MP4 file is fragmented; each fragment declares only its own duration. */
async function isFragmented(audio: StoredAudio): Promise<boolean> {
  const moov = await readMoov(audio.fileInfo.size, async (position, bytes) => {
    const part = Buffer.alloc(bytes)
    await audio.peekBuffer(part, { position })
    return part
  })
  return moov !== undefined && boxAt(moov, 'mvex') !== undefined
}

function positive(value: number | undefined): number | undefined {
  if (value === undefined || !Number.isFinite(value) || value <= 0) return undefined
  return Math.round(value * 1000) / 1000
}

/** A stored file as a random-access source for the library. Caches the last blocks, because parts are small. */
class StoredAudio extends AbstractTokenizer {
  readonly fileInfo: { size: number; mimeType: string }
  readonly #app: Ports
  readonly #key: string
  readonly #maxPartBytes: number
  #partsLeft = maxParts
  #bytesLeft: number
  readonly #blocks = new Map<number, Buffer>()
  /** The offset at which the audio begins. */
  #start = 0

  constructor(ports: Ports, file: { key: string; bytes: number; contentType: string }) {
    super()
    this.#app = ports
    this.#key = file.key
    const isMp4 = file.contentType === 'audio/mp4'
    this.#maxPartBytes = isMp4 ? maxPartBytesOfMp4 : maxPartBytes
    this.#bytesLeft = isMp4 ? maxBytesOfMp4 : maxBytes
    this.fileInfo = { size: file.bytes, mimeType: file.contentType }
  }

  /** Skips the file's ID3 tag, which may be long and has nothing that is needed. */
  async passTag(): Promise<void> {
    const start = Buffer.alloc(id3HeaderBytes)
    await this.peekBuffer(start, { mayBeLess: true })
    this.#start = Math.min(id3Bytes(start), this.fileInfo.size)
    this.fileInfo.size -= this.#start
  }

  supportsRandomAccess(): boolean {
    return true
  }

  setPosition(position: number): void {
    this.position = position
  }

  async readBuffer(buffer: Uint8Array, options?: IReadChunkOptions): Promise<number> {
    const position = options?.position ?? this.position
    const bytes = await this.peekBuffer(buffer, { ...options, position })
    this.position = position + bytes
    return bytes
  }

  async peekBuffer(buffer: Uint8Array, options?: IReadChunkOptions): Promise<number> {
    const position = options?.position ?? this.position
    const wanted = options?.length ?? buffer.length
    if (wanted > this.#maxPartBytes) throw new Error('The file names a part that is too long.')
    this.#bytesLeft -= wanted
    if (this.#bytesLeft < 0 || --this.#partsLeft < 0) throw new Error('There is too much to read.')
    if (this.#partsLeft % partsPerYield === 0) await yieldToEventLoop()
    const bytes = Math.max(0, Math.min(wanted, this.fileInfo.size - position))
    if (bytes < wanted && options?.mayBeLess !== true) throw new EndOfStreamError()
    for (let filled = 0; filled < bytes;) {
      const at = this.#start + position + filled
      const block = await this.#block(Math.floor(at / blockBytes))
      const part = block.subarray(at % blockBytes, (at % blockBytes) + bytes - filled)
      buffer.set(part, filled)
      filled += part.length
    }
    return bytes
  }

  async #block(index: number): Promise<Buffer> {
    const known = this.#blocks.get(index)
    if (known) return known
    const start = index * blockBytes
    const found = await this.#app.files.read(this.#key, { start, end: start + blockBytes - 1 })
    if (!found) throw new Error('The file is gone.')
    const block = Buffer.concat(await found.content.toArray())
    this.#blocks.set(index, block)
    const [oldest] = this.#blocks.keys()
    if (this.#blocks.size > keptBlocks && oldest !== undefined) this.#blocks.delete(oldest)
    return block
  }
}
