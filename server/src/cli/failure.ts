import { ConfigError } from '../config.ts'
import { AppError, messageOf } from '../errors.ts'

/** An expected failure: the cause and the fix in one line, without a stack trace. */
export class CommandError extends Error {
  override name = 'CommandError'
}

/** System errors that a user can fix, by their code. */
const remedies: Record<string, string> = {
  EACCES: 'Earshot may not do that here; check who owns the folder, or choose another with EARSHOT_DATA_DIR.',
  EPERM: 'Earshot may not do that here; check who owns the folder, or choose another with EARSHOT_DATA_DIR.',
  EROFS: 'The file system cannot be written; choose another folder with EARSHOT_DATA_DIR.',
  ENOSPC: 'The disk is full; make space and start again.',
  ENOTDIR: 'A part of the path is a file; check EARSHOT_DATA_DIR.',
  EEXIST: 'There is a file in the place of a folder; check EARSHOT_DATA_DIR.',
}

const wrongUser = 'ClickHouse refuses the user or the password; check both in EARSHOT_CLICKHOUSE_URL.'
/** Errors of a ClickHouse server for wrong settings, by their ClickHouse names. */
const engineRemedies: Record<string, string> = {
  AUTHENTICATION_FAILED: wrongUser,
  REQUIRED_PASSWORD: wrongUser,
  ACCESS_DENIED:
    'ClickHouse does not let the user of EARSHOT_CLICKHOUSE_URL do that; it must be allowed to create databases and to read the system tables, as the one in deploy/clickhouse is.',
  UNKNOWN_DATABASE:
    'ClickHouse does not have the database that EARSHOT_CLICKHOUSE_URL names; check its name, or run "earshot migrate", which makes it.',
}

/** One line for an expected failure; the whole error for anything else, which is a bug. */
export function describeFailure(error: unknown): string {
  const foreseen = describeForeseen(error)
  if (foreseen !== undefined) return foreseen
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

/** The line for an error of Earshot or of a ClickHouse server. */
export function describeForeseen(error: unknown): string | undefined {
  const engineRemedy = engineRemedies[engineErrorOf(error)]
  if (engineRemedy) return engineRemedy
  if (error instanceof AppError && error.code === 'UNAVAILABLE') return withCause(error)
  const isKnown = error instanceof CommandError || error instanceof ConfigError || error instanceof AppError
  return isKnown ? error.message : undefined
}

/** Prints the failure on standard error; the process exits with 1 after its stores are closed. */
export function reportFailure(error: unknown): void {
  process.stderr.write(`earshot: ${describeFailure(error)}\n`)
  process.exitCode = 1
}

function codesOf(error: unknown): { code?: string; syscall?: string } {
  return error instanceof Error ? (error as NodeJS.ErrnoException) : {}
}

/** The name of the ClickHouse error that caused this one. */
function engineErrorOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  return 'type' in error && typeof error.type === 'string' ? error.type : engineErrorOf(error.cause)
}

/** The cause of an unavailable store, as the store reported it. */
function withCause({ message, cause }: Error): string {
  const reason = cause === undefined ? '' : reasonOf(cause)
  return reason === '' || message.includes(reason) ? message : `${message} (${reason})`
}

/** The first line of a system or driver error, or its code if the message is empty. */
export function reasonOf(error: unknown): string {
  return firstLine(messageOf(error)) || (codesOf(error).code ?? '')
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[.\s]+$/, '')
}
