import type { Waveform } from './peaks.ts'

/** The next bytes of the file; null at its end. */
export type ToWorker = Uint8Array | null

/** Asks for the next bytes, or ends: without a waveform when the file cannot be decoded. */
export type FromWorker = { kind: 'next' } | { kind: 'done'; waveform: Waveform | undefined }
