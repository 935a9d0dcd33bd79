import { ConfigError } from '../config.ts'
import { AppError, messageOf } from '../errors.ts'

/** What stopped a command and what to do about it, in one line; no stack trace, since nothing in the program is wrong. */
export class CommandError extends Error {
  override name = 'CommandError'
}

/** Errors of the system that a user can mend, by their code. */
const remedies: Record<string, string> = {
  EACCES: 'Earshot may not do that here; check who owns the folder, or choose another with EARSHOT_DATA_DIR.',
  EPERM: 'Earshot may not do that here; check who owns the folder, or choose another with EARSHOT_DATA_DIR.',
  EROFS: 'The file system cannot be written; choose another folder with EARSHOT_DATA_DIR.',
  ENOSPC: 'The disk is full; make space and start again.',
  ENOTDIR: 'A part of the path is a file; check EARSHOT_DATA_DIR.',
  EEXIST: 'There is a file in the place of a folder; check EARSHOT_DATA_DIR.',
}

/** One clear line for what was foreseen; for anything else the whole error, as it is a mistake in the program. */
export function describeFailure(error: unknown): string {
  const known = error instanceof CommandError || error instanceof ConfigError || error instanceof AppError
  if (known) return error.message
  const { code, syscall } = codesOf(error)
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return `A package is missing (${firstLine(messageOf(error))}); run npm install without --omit=optional.`
  }
  if (/@chdb\/lib|libchdb|chdb_node/.test(messageOf(error))) {
    return `The embedded ClickHouse cannot be loaded (${firstLine(messageOf(error))}); run npm install without --omit=optional, or set EARSHOT_CLICKHOUSE_URL to a ClickHouse server.`
  }
  if (/Cannot lock file|already running/.test(messageOf(error))) {
    return 'The data folder is in use by another Earshot; stop that process, or choose another folder with EARSHOT_DATA_DIR.'
  }
  const remedy = syscall === undefined ? undefined : remedies[code ?? '']
  if (remedy) return `${firstLine(messageOf(error))}. ${remedy}`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Tells the failure on standard error; the process ends with 1 once its stores are closed. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`earshot: ${describeFailure(error)}\n`)
  process.exitCode = 1
}

function codesOf(error: unknown): { code?: string; syscall?: string } {
  return error instanceof Error ? (error as NodeJS.ErrnoException) : {}
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[.\s]+$/, '')
}
