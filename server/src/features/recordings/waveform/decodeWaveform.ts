import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Waveform } from './peaks.ts'

/** Longer than the longest recording takes; what takes longer is broken. */
const maxSeconds = 15 * 60
/** Of the decoders' own memory, and of what the program around them keeps. */
const decoderMegabytes = 64
const heapMegabytes = 48
/**
 * All that the process may hold beside the files of the program, which this one has in memory too. Decoding AAC peaks at up
 * to 98 MiB, depending on when the compiler and the garbage collector run.
 */
const maxOwnBytes = 112 * 1024 * 1024
const lookEveryMs = 25

const program = fileURLToPath(new URL('./decodeProcess.ts', import.meta.url))
const flags = [
  `--max-old-space-size=${heapMegabytes}`,
  '--max-semi-space-size=2',
  `--wasm-max-mem-pages=${decoderMegabytes * 16}`,
  '--v8-pool-size=1',
]
/** The time holds when this process is gone, too; where memory is short, the kernel takes the decoder and not the server. */
const limited = `ulimit -t ${maxSeconds}; echo 1000 >/proc/$$/oom_score_adj; exec "$0" "$@"`

/**
 * The waveform of a file's bytes, made in a process of its own whose memory and time are limited and that ends with its
 * work. Undefined when they cannot be decoded, or bring the process down. Throws when reading fails or the signal is aborted.
 */
export async function decodeWaveform(
  format: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<Waveform | undefined> {
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, ...flags, program, format], {
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    // Nothing of this process's settings and secrets.
    env: { UV_THREADPOOL_SIZE: '1' },
  })
  const ended = once(child, 'close').then(() => {})
  const answer = text(child.stdio[3] as Readable).catch(() => '')
  const kill = (): void => void child.kill('SIGKILL')
  const ends = AbortSignal.any([signal, AbortSignal.timeout(maxSeconds * 1000)])
  ends.addEventListener('abort', kill)
  const watch = watchMemory(child)
  try {
    await feed(child, content, ended)
    await ended
    signal.throwIfAborted()
    return waveformOf(await answer)
  } finally {
    ends.removeEventListener('abort', kill)
    kill()
    await Promise.allSettled([ended, watch])
  }
}

/** Hands the content on as the process takes it, and stops when the process is gone. */
async function feed(child: ChildProcess, content: AsyncIterable<Uint8Array>, ended: Promise<void>): Promise<void> {
  const { stdin } = child
  if (!stdin) return
  // Of a process that has seen enough.
  stdin.on('error', () => {})
  for await (const piece of content) {
    if (child.exitCode !== null || child.signalCode !== null || stdin.destroyed) return
    if (!stdin.write(piece)) await Promise.race([once(stdin, 'drain').catch(() => {}), ended])
  }
  stdin.end()
}

/** Ends the process when it holds too much, where the system tells what it holds; elsewhere its own limits must do. */
async function watchMemory(child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const pages = await ownPages(child.pid)
    if (pages === undefined) return
    if (pages * 4096 > maxOwnBytes) child.kill('SIGKILL')
    await wait(lookEveryMs)
  }
}

async function ownPages(processId: number | undefined): Promise<number | undefined> {
  const numbers = await readFile(`/proc/${processId}/statm`, 'latin1').catch(() => '')
  const [, resident, shared] = numbers.split(' ')
  return resident === undefined || shared === undefined ? undefined : Number(resident) - Number(shared)
}

/** A process that was killed has told nothing, or part of it. */
function waveformOf(answer: string): Waveform | undefined {
  try {
    return (JSON.parse(answer) as Waveform | null) ?? undefined
  } catch {
    return undefined
  }
}
