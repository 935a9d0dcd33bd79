/** How far sending has come. */
export interface DemoProgress {
  callsDone: number
  calls: number
  records: number
  elapsedMs: number
  /** Over the whole time so far. */
  callsPerSecond: number
  /** Undefined until there is a rate to go by. */
  remainingMs: number | undefined
}

/** Where the progress is shown; `process.stderr` is one. */
export interface ProgressOutput {
  isTTY?: boolean | undefined
  columns?: number | undefined
  write: (text: string) => unknown
}

export interface ProgressReporter {
  update: (progress: DemoProgress) => void
  /** Ends the line. */
  finish: () => void
}

const plainEveryMs = 5000
const terminalEveryMs = 100

/**
 * Shows progress as one line that is written over again on a terminal, and as a plain line every five seconds
 * elsewhere. The end is always shown.
 */
export function reportProgress(output: ProgressOutput, now: () => number = Date.now): ProgressReporter {
  const isTerminal = output.isTTY === true
  let shownAt = Number.NEGATIVE_INFINITY
  let hasLine = false
  return {
    update(progress) {
      const isEnd = progress.callsDone >= progress.calls
      if (!isEnd && now() - shownAt < (isTerminal ? terminalEveryMs : plainEveryMs)) return
      shownAt = now()
      const text = describe(progress)
      if (isTerminal) output.write(`\r${withBar(text, progress, output.columns ?? 80)}\u001B[K`)
      else output.write(`${text}\n`)
      hasLine = isTerminal
    },
    finish() {
      if (hasLine) output.write('\n')
      hasLine = false
    },
  }
}

function describe({ callsDone, calls, callsPerSecond, remainingMs }: DemoProgress): string {
  const percent = calls === 0 ? 100 : Math.floor((callsDone / calls) * 100)
  const left = remainingMs === undefined ? '' : `, ${duration(remainingMs)} left`
  return `${grouped(callsDone)} of ${grouped(calls)} calls (${percent}%), ${grouped(Math.round(callsPerSecond))}/s${left}`
}

function withBar(text: string, { callsDone, calls }: DemoProgress, columns: number): string {
  const width = Math.min(30, columns - text.length - 4)
  if (width < 5) return text.slice(0, Math.max(0, columns - 1))
  const filled = calls === 0 ? width : Math.floor((Math.min(callsDone, calls) / calls) * width)
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${text}`
}

/** `1234567` as `1,234,567`. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** Milliseconds as `42 s`, `3 min 5 s` or `1 h 20 min`. */
function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
