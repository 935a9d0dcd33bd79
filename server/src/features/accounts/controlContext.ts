import type { Control } from '../../ports.ts'
import { requireScope, type Context } from '../../context.ts'
import type { Scope } from '../../domain/scopes.ts'

/** What verbs on accounts and keys are given: control commands run them without the other stores. */
export interface ControlContext extends Pick<Context, 'accountId' | 'actor'> {
  ports: Control
}

/** A context for the program's own work in an account. */
export function systemControl(ports: Control, accountId: number): ControlContext {
  return { ports, accountId, actor: { kind: 'system' } }
}

/** `requireScope` for these verbs. It looks at the actor alone, so that the other stores may be missing. */
export function requireControlScope(context: ControlContext, needed: Scope): void {
  requireScope(context as Context, needed)
}
