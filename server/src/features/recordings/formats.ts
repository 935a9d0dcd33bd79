import { AppError } from '../../errors.ts'
import { isMpegFrame } from './waveform/mpegFrame.ts'

/** A recording format: its name here, its media type, and the other media types that clients send for it. */
export interface RecordingFormat {
  name: string
  contentType: string
  aliases: readonly string[]
}

export const recordingFormats: readonly RecordingFormat[] = [
  { name: 'ogg', contentType: 'audio/ogg', aliases: ['application/ogg', 'audio/opus', 'audio/vorbis'] },
  { name: 'wav', contentType: 'audio/wav', aliases: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave', 'audio/x-pn-wav'] },
  { name: 'mp3', contentType: 'audio/mpeg', aliases: ['audio/mp3', 'audio/mpeg3', 'audio/x-mpeg', 'audio/x-mp3'] },
  { name: 'webm', contentType: 'audio/webm', aliases: [] },
  { name: 'mp4', contentType: 'audio/mp4', aliases: ['audio/m4a', 'audio/x-m4a'] },
  { name: 'flac', contentType: 'audio/flac', aliases: ['audio/x-flac'] },
]

const takenTypes = recordingFormats.map((entry) => entry.contentType).join(', ')

/** Bytes at the start of a file that identify its format. */
export const tellingBytes = 4096

/** Media types that do not identify a format. */
const unknownTypes = new Set(['application/octet-stream', 'binary/octet-stream'])

/** Returns the format of a Content-Type; undefined when the bytes must identify it. Throws UNSUPPORTED_MEDIA_TYPE. */
export function declaredFormat(contentType: string | undefined): RecordingFormat | undefined {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (unknownTypes.has(type)) return undefined
  const format = recordingFormats.find((entry) => entry.contentType === type || entry.aliases.includes(type))
  if (format) return format
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `The content type ${JSON.stringify(type.slice(0, 100))} is not taken; send ${takenTypes}, or application/octet-stream.`,
  )
}

/**
 * Returns the format of the bytes, which must equal the declared one if there is one. `start` is what follows the ID3
 * tags of the file if it `hasTag`; a tagged file without another known format is MP3. Throws UNSUPPORTED_MEDIA_TYPE.
 */
export function requireFormat(
  start: Buffer,
  declared: RecordingFormat | undefined,
  { hasTag }: { hasTag: boolean },
): RecordingFormat {
  const actual = formatOfBytes(start) ?? (hasTag ? 'mp3' : undefined)
  const found = recordingFormats.find((entry) => entry.name === actual)
  if (found && (declared === undefined || declared === found)) return found
  if (!declared) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', `The bytes are ${otherKindOf(start)}; send ${takenTypes}.`)
  }
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    found
      ? `The content type says ${declared.contentType}, but the bytes are ${found.contentType}; send them as that.`
      : `The content type says ${declared.contentType}, but the bytes are ${otherKindOf(start)}; send audio of that type.`,
  )
}

function formatOfBytes(start: Buffer): string | undefined {
  const text = (from: number, to: number): string => start.toString('latin1', from, to)
  if (text(0, 4) === 'OggS') return 'ogg'
  if (['RIFF', 'RF64', 'BW64'].includes(text(0, 4)) && text(8, 12) === 'WAVE') return 'wav'
  if (text(0, 4) === 'fLaC') return 'flac'
  if (text(4, 8) === 'ftyp') return 'mp4'
  if (text(0, 4) === '\x1a\x45\xdf\xa3' && start.includes('webm')) return 'webm'
  return text(0, 3) === 'ID3' || isMpegFrame(start) ? 'mp3' : undefined
}

function otherKindOf(start: Buffer): string {
  if (start.length >= 2 && start.readUInt16BE(0) === 0x1f8b) return 'compressed with gzip'
  if (start.toString('latin1', 0, 3) === 'FWS' || start.toString('latin1', 0, 4) === '%PDF') return 'a document'
  if (start.toString('latin1', 0, 4) === '\x1a\x45\xdf\xa3') return 'Matroska, not WebM'
  const isText = start.subarray(0, 64).every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13)
  return isText ? 'text' : 'of no format that is known here'
}
