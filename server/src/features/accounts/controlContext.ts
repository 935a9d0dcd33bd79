import type { Control } from '../../ports.ts'
import { requireScope, type Context } from '../../context.ts'
import type { Scope } from '../../domain/scopes.ts'

/** The context of functions on accounts and keys: control commands run them without the other stores. */
export interface ControlContext extends Pick<Context, 'accountId' | 'actor'> {
  ports: Control
}

/** Creates a context for internal work in an account. */
export function systemControl(ports: Control, accountId: number): ControlContext {
  return { ports, accountId, actor: { kind: 'system' } }
}

/** `requireScope` for these functions. It reads only the actor, because the other stores may be missing. */
export function requireControlScope(context: ControlContext, needed: Scope): void {
  requireScope(context as Context, needed)
}
