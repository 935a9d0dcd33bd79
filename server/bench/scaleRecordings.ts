import { setTimeout as wait } from 'node:timers/promises'
import { audioFile } from '../test/audioFiles.ts'
import { openControl } from '../src/control.ts'
import { loadConfig } from '../src/config.ts'
import { openLog } from '../src/log.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { callOf } from './records.ts'
import { cpuSince, readCpu, type CpuSeconds, type ScaleEngines } from './scaleEngines.ts'
import type { ServerProcess } from './serverProcess.ts'

/** What a recording of three minutes costs the program: taking it in, encrypting it, decoding it once for its waveform. */
export interface RecordingCost {
  bytes: number
  programSeconds: number
}

// A tone of 3.5 seconds, 51 times one after the other: as long as a call, in one file.
const recording = Buffer.concat(Array.from({ length: 51 }, () => audioFile('tone-opus.ogg')))
const maxMs = 120_000

/** Recordings for the first calls of the first sender. */
export async function measureRecordings(
  engines: ScaleEngines,
  server: ServerProcess,
  idle: CpuSeconds,
  count: number,
): Promise<RecordingCost> {
  const before = readCpu(engines)
  const began = performance.now()
  for (let index = 0; index < count; index++) {
    const { id } = callOf(index)
    const answer = await fetch(`${server.url}/v1/ingest/calls/${String(id)}/recording`, {
      method: 'PUT',
      headers: { 'X-Api-Key': server.key.apiKey, 'Content-Type': 'audio/ogg' },
      body: recording,
    })
    if (!answer.ok) throw new Error(`A recording was refused: ${await answer.text()}`)
  }
  await untilDecoded(engines, count)
  const spent = cpuSince(before, readCpu(engines)).program
  const idleSeconds = (idle.program * (performance.now() - began)) / 1000
  return { bytes: recording.length, programSeconds: (spent - idleSeconds) / count }
}

async function untilDecoded(engines: ScaleEngines, count: number): Promise<void> {
  const config = loadConfig(engines.settings)
  const control = await openControl(config, openLog(config))
  try {
    for (const deadline = performance.now() + maxMs; ; await wait(100)) {
      const row = await control.postgres.first<{ done: number }>(sql`
        SELECT count(*) AS done
        FROM recordings
        WHERE waveform <> 'pending'`)
      if (row?.done === count) return
      if (performance.now() > deadline) throw new Error(`Only ${row?.done} of ${count} waveforms were made.`)
    }
  } finally {
    await control.close()
  }
}
