import type { Ports } from './ports.ts'
import { allows, type Scope } from './domain/scopes.ts'
import { AppError } from './errors.ts'

/** The caller: an API key (or a JWT made from it), a user of the console, or the program itself (jobs, commands). */
export type Actor =
  | { kind: 'key'; keyId: string; scopes: readonly Scope[] }
  | { kind: 'user'; userId: string; scopes: readonly Scope[] }
  | { kind: 'system' }

/** The first parameter of every verb: the ports, the account and the caller. */
export interface Context {
  ports: Ports
  accountId: number
  actor: Actor
  requestId: string
  /** The base URL of links: the address of the server as the caller sees it, without a slash at its end. */
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
