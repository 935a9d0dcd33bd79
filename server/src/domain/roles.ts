import type { Scope } from './scopes.ts'

/** What a user of the console may be. */
export const roles = ['viewer', 'analyst', 'admin'] as const

export type Role = (typeof roles)[number]

/** What each role may do, in the words of API keys. */
export const scopesOfRole: Record<Role, readonly Scope[]> = {
  viewer: ['calls:read', 'analytics:read'],
  analyst: ['calls:read', 'analytics:read', 'analytics:export'],
  admin: ['*'],
}
