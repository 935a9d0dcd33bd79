import { pino, type DestinationStream, type Logger } from 'pino'
import type { Config } from './config.ts'

/** Names of fields whose values never appear in a log line. */
const secretFields = [
  'authorization',
  'apiKey',
  'hmacSecret',
  'jwt',
  'token',
  'secret',
  'password',
  'masterKey',
  'x-api-key',
  'x-signature',
  'cookie',
]

/**
 * Standard output. `write` returns after the line is written, so the last line before the process ends is never lost; lines
 * wait in memory only while the reader is slow. The default of pino writes in Node.js's thread pool, where a line waits
 * behind the engine's queries and is lost when the process ends.
 */
const standardOutput: DestinationStream = { write: (line) => void process.stdout.write(line) }

/** Opens the log: JSON lines or readable text on standard output. Tests pass a `destination` instead. */
export function openLog(config: Pick<Config, 'logLevel' | 'logPretty'>, destination?: DestinationStream): Logger {
  const paths = secretFields.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  const options = {
    level: config.logLevel,
    base: { pid: process.pid },
    redact: { paths, censor: '(not shown)' },
    // Leave out requests and answers that libraries log, because they contain paths, queries and addresses.
    serializers: {
      err: describeError,
      error: describeError,
      reason: (reason: unknown) => (typeof reason === 'string' ? withoutValues(reason) : undefined),
      req: () => undefined,
      res: () => undefined,
    },
  }
  if (!destination && config.logPretty) return pino({ ...options, transport: { target: 'pino-pretty' } })
  return pino(options, destination ?? standardOutput)
}

/**
 * The fields of an error in a log line: its type, message and stack. Its other properties are left out, and so are the
 * values that an engine quotes at the end of its message, because they contain what callers sent.
 */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: 'Something that is not an error was thrown.' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return {
    type: error.name,
    code,
    message: withoutValues(error.message),
    stack: error.stack
      ?.split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  }
}

function withoutValues(message: string): string {
  return message.replace(/: ["'].*$/s, ': (value not shown)').slice(0, 1000)
}
