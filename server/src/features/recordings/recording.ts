import type { LinkedFile } from '../files/linkedFile.ts'

/** A row of the table `recordings`; columns that describe the bytes are null until they are stored. */
export interface RecordingRow {
  id: string
  account_id: number
  call_id: string
  state: 'uploading' | 'stored' | 'removed'
  format: string
  content_type: string
  bytes: number | null
  sha256: string | null
  /** The effective value: the declared one, otherwise the decoded one, otherwise the one in the file. */
  duration_seconds: number | null
  channels: number | null
  given_duration_seconds: number | null
  given_channels: number | null
  is_announced: boolean
  waveform: 'pending' | 'made' | 'none'
  check_at: Date | null
  created_at: Date
}

/** Returns the storage key of a recording's bytes. */
export function recordingKey(id: string): string {
  return `recordings/${id.slice(0, 2)}/${id}`
}

/** Returns the storage key of its waveform. */
export function waveformKey(id: string): string {
  return `waveforms/${id.slice(0, 2)}/${id}.json`
}

/** Returns a stored recording as a file that is named after its call. */
export function recordingFile(row: RecordingRow): LinkedFile {
  return {
    key: recordingKey(row.id),
    name: `${row.call_id}.${row.format}`,
    contentType: row.content_type,
    bytes: row.bytes ?? 0,
    sha256: row.sha256 ?? '',
  }
}
