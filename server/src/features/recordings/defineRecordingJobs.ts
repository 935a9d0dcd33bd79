import type { App } from '../../app.ts'
import { giveWaveformUp, makeWaveform } from './makeWaveform.ts'
import { waveformJob } from './reconcileRecording.ts'
import { sweepRecordingFiles, sweepRecordings } from './sweepRecordings.ts'

/** Says how waveforms are made, and cleans up after recordings. */
export function defineRecordingJobs(app: App): void {
  app.jobs.define(waveformJob, {
    concurrency: 1,
    maxAttempts: 3,
    run: (job) => makeWaveform(app, job),
    giveUp: (job, error) => giveWaveformUp(app, job, error),
  })
  app.jobs.every('sweep recordings', 60, (signal) => sweepRecordings(app, signal))
  app.jobs.every('sweep recording files', 24 * 3600, (signal) => sweepRecordingFiles(app, signal))
}
