import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { FromWorker } from './protocol.ts'
import type { Waveform } from './peaks.ts'

/** Longer than the longest recording takes; what takes longer is broken. */
const longestMs = 15 * 60_000
const memoryMegabytes = 256

/**
 * The waveform of a file's bytes, made in a thread of its own that is ended with its work. Undefined when they cannot be
 * decoded, or bring the thread down. Throws when reading fails or the signal is aborted.
 */
export async function decodeWaveform(
  format: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Waveform | undefined> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: format,
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
    // What the decoders print is for their makers.
    stdout: true,
    stderr: true,
  })
  const ends = AbortSignal.any([signal, AbortSignal.timeout(longestMs)])
  // A thread that dies makes the next answer a rejection; nobody may be waiting for one at that moment.
  worker.on('error', () => {})
  try {
    for await (const piece of content) {
      const answer = await ask(worker, Uint8Array.from(piece), ends)
      if (answer.kind === 'done') return answer.waveform
    }
    const answer = await ask(worker, null, ends)
    return answer.kind === 'done' ? answer.waveform : undefined
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ThreadEnded || ends.aborted) return undefined
    throw error
  } finally {
    await worker.terminate()
  }
}

class ThreadEnded extends Error {}

async function ask(worker: Worker, bytes: Uint8Array<ArrayBuffer> | null, signal: AbortSignal): Promise<FromWorker> {
  const waiting = new AbortController()
  const ended = once(worker, 'exit', { signal: waiting.signal }).then(() => Promise.reject(new ThreadEnded()))
  const answered = once(worker, 'message', { signal: AbortSignal.any([signal, waiting.signal]) })
  worker.postMessage(bytes, bytes === null ? [] : [bytes.buffer])
  try {
    const [answer] = await Promise.race([answered, ended])
    return answer
  } finally {
    waiting.abort()
    await Promise.allSettled([answered, ended])
  }
}
