import type { Logger } from 'pino'
import { messageOf } from '../errors.ts'
import { endProcess } from './endProcess.ts'

/** The time limit of a stop after draining; it exceeds the grace period of running requests. */
const maxStopMs = 40_000
/** A terminal and npm both send a Ctrl-C, so a signal within this time counts as the same one. */
const sameSignalMs = 500

export interface Shutdown {
  /** Aborted by the first signal, so that a running start stops. */
  signal: AbortSignal
  /** Sets the function that closes the process. It is called once, at the first signal or at once after one. */
  onStop(close: () => Promise<void>): void
  /** Ends the process at once; the error goes to the log and to standard error. */
  fail(message: string, error?: unknown): void
}

/**
 * Closes the process in order and in bounded time on SIGINT, SIGTERM and SIGHUP, and ends it at once on a second signal.
 * An uncaught error also ends it, because the state of the process is unknown then. `drainMs` is the time between the
 * signal and the close.
 */
export function createShutdown(log: Logger, drainMs = 0): Shutdown {
  const stopping = new AbortController()
  let close: (() => Promise<void>) | undefined
  let firstAt = 0

  async function stop(): Promise<void> {
    if (!close) return
    const late = setTimeout(
      () => fail(`Closing took more than ${maxStopMs / 1000} seconds; it was cut off.`),
      drainMs + maxStopMs,
    )
    try {
      await close()
    } catch (error) {
      return fail('Closing failed.', error)
    } finally {
      clearTimeout(late)
    }
    log.info('stopped')
    process.exit(0)
  }

  function receive(name: NodeJS.Signals, code: number): void {
    if (stopping.signal.aborted) {
      if (performance.now() - firstAt <= sameSignalMs) return
      log.warn({ signal: name }, 'stopped at once by a second signal')
      endProcess(code)
    }
    firstAt = performance.now()
    log.info({ signal: name }, 'stopping')
    stopping.abort(new Error(`Stopped by ${name}.`))
    void stop()
  }

  function fail(message: string, error?: unknown): void {
    log.fatal(error === undefined ? {} : { err: error }, message)
    process.stderr.write(`earshot: ${message}${error === undefined ? '' : ` ${messageOf(error)}`}\n`)
    endProcess(1)
  }

  process.on('SIGINT', () => receive('SIGINT', 130))
  process.on('SIGTERM', () => receive('SIGTERM', 143))
  process.on('SIGHUP', () => receive('SIGHUP', 129))
  process.on('uncaughtException', (error) => fail('An error was not caught; the process ends.', error))
  process.on('unhandledRejection', (reason) => fail('A failure was not handled; the process ends.', reason))
  return {
    signal: stopping.signal,
    onStop(how) {
      close = how
      if (stopping.signal.aborted) void stop()
    },
    fail,
  }
}
