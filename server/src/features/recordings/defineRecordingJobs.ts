import type { Ports } from '../../ports.ts'
import { giveWaveformUp, makeWaveform } from './makeWaveform.ts'
import { waveformJob } from './reconcileRecording.ts'
import { sweepRecordingFiles, sweepRecordings } from './sweepRecordings.ts'

/** Defines the waveform job and schedules the cleanup of recordings. */
export function defineRecordingJobs(ports: Ports): void {
  ports.jobs.define(waveformJob, {
    concurrency: 1,
    maxAttempts: 3,
    run: (job) => makeWaveform(ports, job),
    giveUp: (job, error) => giveWaveformUp(ports, job, error),
  })
  ports.jobs.every('sweep recordings', 60, (signal) => sweepRecordings(ports, signal))
  ports.jobs.every('sweep recording files', 24 * 3600, (signal) => sweepRecordingFiles(ports, signal))
}
