import { parentPort, workerData } from 'node:worker_threads'
import type { Decoder } from './decoder.ts'
import { openDecoderOf } from './decoders.ts'
import { collectPeaks } from './peaks.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

/*
 * Decodes one file in a thread of its own: the bytes come a piece at a time, each after the one before is done, and the
 * waveform goes back at the end. Whatever a file does to a decoder, it does here.
 */
const format = String(workerData)
const collector = collectPeaks()
let decoder: Decoder | undefined

async function take(bytes: ToWorker): Promise<FromWorker> {
  if (bytes !== null && decoder === undefined) {
    decoder = await openDecoderOf(format, Buffer.from(bytes))
    if (decoder === undefined) return { kind: 'done', waveform: undefined }
  }
  const decoded = await (bytes === null ? decoder?.flush() : decoder?.decode(bytes))
  for (const { channels, sampleRate } of decoded ?? []) collector.add(channels, sampleRate)
  return bytes === null ? { kind: 'done', waveform: collector.finish() } : { kind: 'next' }
}

function tell(answer: FromWorker): void {
  // A port has no origin; the rule means windows.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(answer)
}

// What was decoded of a broken file would mislead.
parentPort?.on('message', (bytes: ToWorker) => {
  void take(bytes).then(tell, () => tell({ kind: 'done', waveform: undefined }))
})
