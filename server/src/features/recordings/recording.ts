import type { LinkedFile } from '../files/linkedFile.ts'

/** A row of the table `recordings`; what is known once its bytes are stored is null before. */
export interface RecordingRow {
  id: string
  account_id: number
  call_id: string
  state: 'uploading' | 'stored' | 'removed'
  format: string
  content_type: string
  bytes: number | null
  sha256: string | null
  /** What counts: what was given, else what decoding found, else what the file says. */
  duration_seconds: number | null
  channels: number | null
  given_duration_seconds: number | null
  given_channels: number | null
  is_announced: boolean
  waveform: 'pending' | 'made' | 'none'
  check_at: Date | null
  created_at: Date
}

/** Where the bytes of a recording are stored. */
export function recordingKey(id: string): string {
  return `recordings/${id.slice(0, 2)}/${id}`
}

/** Where its waveform is stored. */
export function waveformKey(id: string): string {
  return `waveforms/${id.slice(0, 2)}/${id}.json`
}

/** A stored recording as a file, named after its call. */
export function recordingFile(row: RecordingRow): LinkedFile {
  return {
    key: recordingKey(row.id),
    name: `${row.call_id}.${row.format}`,
    contentType: row.content_type,
    bytes: row.bytes ?? 0,
    sha256: row.sha256 ?? '',
  }
}
