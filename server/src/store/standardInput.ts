import { closeSync, createReadStream, openSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Readable } from 'node:stream'

/** Who has standard input for good: the command that reads it, or nobody, as it is empty for the engine's sake. */
let holder: 'command' | 'nobody' | undefined

/** Standard input, for a command that reads it; to be opened before the embedded engine, which is kept from it. */
export function openStandardInput(): Readable {
  try {
    return createReadStream('', { fd: openSync('/dev/stdin', 'r') })
  } catch {
    // A socket, as some programs give to those that they start, cannot be opened anew.
    holder = 'command'
    return process.stdin
  }
}

/**
 * The embedded engine looks into standard input at every insert, and takes what is there for rows: it fails, or waits for
 * more of them for ever. It shall find nothing there.
 */
export function keepFromStandardInput(): void {
  if (holder !== undefined || isatty(0)) return
  try {
    closeSync(0)
  } catch {
    // It was closed already.
  }
  // The lowest number that is free, so 0.
  openSync('/dev/null', 'r')
  holder = 'nobody'
}
