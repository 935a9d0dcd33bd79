import { closeSync, createReadStream, openSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Readable } from 'node:stream'

/** The owner of standard input: the command that reads it, or nobody after it was closed for the engine. */
let holder: 'command' | 'nobody' | undefined

/** Standard input for a command that reads it; must be opened before the embedded engine, which must not read it. */
export function openStandardInput(): Readable {
  try {
    return createReadStream('', { fd: openSync('/dev/stdin', 'r') })
  } catch {
    // A socket cannot be opened again; some programs pass one to their child processes.
    holder = 'command'
    return process.stdin
  }
}

/**
 * Makes standard input empty. The embedded engine reads it at every insert and parses the content as rows, so that
 * inserts would fail, or wait for more rows for ever.
 */
export function keepFromStandardInput(): void {
  if (holder !== undefined || isatty(0)) return
  try {
    closeSync(0)
  } catch {
    // It was closed already.
  }
  // The system assigns the lowest free descriptor, which is 0.
  openSync('/dev/null', 'r')
  holder = 'nobody'
}
