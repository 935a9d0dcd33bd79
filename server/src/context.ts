import type { Ports } from './ports.ts'
import { allows, type Scope } from './domain/scopes.ts'
import { AppError } from './errors.ts'

/** Who asks: an API key (or a JWT made from it), a user of the console, or the program itself (jobs, the command line). */
export type Actor =
  | { kind: 'key'; keyId: string; scopes: readonly Scope[] }
  | { kind: 'user'; userId: string; scopes: readonly Scope[] }
  | { kind: 'system' }

/** What every verb is given first: the opened stores, the account it acts in, and who asks. */
export interface Context {
  ports: Ports
  accountId: number
  actor: Actor
  requestId: string
  /** The address under which whoever asks reaches the server, without a slash at its end: links begin with it. */
  publicUrl: string
}

/** The first line of a verb: refuses an actor that lacks the scope. */
export function requireScope(context: Context, needed: Scope): void {
  const { actor } = context
  if (actor.kind === 'system' || allows(actor.scopes, needed)) return
  if (actor.kind === 'user') throw new AppError('INSUFFICIENT_SCOPE', `Your role lacks the scope ${needed}.`)
  throw new AppError('INSUFFICIENT_SCOPE', `The API key lacks the scope ${needed}.`, { missingScope: needed })
}

/** A context for the program's own work in an account. */
export function systemContext(ports: Ports, accountId: number, requestId = 'system'): Context {
  return {
    ports,
    accountId,
    actor: { kind: 'system' },
    requestId,
    publicUrl: ports.config.publicUrl.replace(/\/+$/, ''),
  }
}
