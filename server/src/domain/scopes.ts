/** What a key may do. `*` allows everything. */
export const scopes = [
  'calls:read',
  'analytics:read',
  'analytics:export',
  'ingest:write',
  'webhooks:manage',
  'admin',
  '*',
] as const

export type Scope = (typeof scopes)[number]

/** Whether a key with `granted` may do what asks for `needed`. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes('*') || granted.includes(needed)
}
