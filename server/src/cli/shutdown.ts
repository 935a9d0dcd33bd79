import type { Logger } from 'pino'
import { messageOf } from '../errors.ts'
import { endProcess } from './endProcess.ts'

/** A stop may take so long beside the draining; longer than the requests under way are given to end. */
const maxStopMs = 40_000
/** Terminals and npm both pass a Ctrl-C on: what comes this soon after the first signal is the same one. */
const sameSignalMs = 500

export interface Shutdown {
  /** Aborted when the first signal comes: a start that is under way goes no further. */
  signal: AbortSignal
  /** Says what closing means from now on; called once, on the first signal, or at once if that has come already. */
  onStop(close: () => Promise<void>): void
  /** Ends the process at once with an error that is logged and told on standard error. */
  fail(message: string, error?: unknown): void
}

/**
 * Ends the process well on SIGINT, SIGTERM and SIGHUP: in order and in bounded time, at once on a second signal. An
 * error that nobody caught ends it too, since nothing is known of the state it left behind. `drainMs` is what a stop waits
 * before it begins to close.
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
