import { createContext, useContext } from 'react'
import { request, setCsrfToken } from './client.ts'

export type Scope = 'calls:read' | 'analytics:read' | 'analytics:export' | 'ingest:write' | 'webhooks:manage' | 'admin'

/** The answer of `GET /v1/session`. */
export interface Session {
  account: { name: string; timezone: string }
  subject: {
    kind: 'key' | 'user'
    id: string
    name: string
    email: string | null
    role: 'viewer' | 'analyst' | 'admin' | null
  }
  scopes: (Scope | '*')[]
  /** Another person set the password; the user must change it first. */
  mustChangePassword: boolean
  csrfToken: string
  expiresAt: string
}

export type Credentials = { apiKey: string } | { email: string; password: string; account?: string }

/** The session of this browser; throws ApiError 401 without one. */
export async function fetchSession(): Promise<Session> {
  return keep(await request<Session>('/v1/session'))
}

export async function signIn(credentials: Credentials): Promise<Session> {
  setCsrfToken('')
  return keep(await request<Session>('/v1/session', { method: 'POST', body: credentials }))
}

export async function signOut(): Promise<void> {
  await request('/v1/session', { method: 'DELETE' })
  setCsrfToken('')
}

function keep(session: Session): Session {
  setCsrfToken(session.csrfToken)
  return session
}

const SessionContext = createContext<Session | undefined>(undefined)

export const SessionProvider = SessionContext.Provider

/** The session; only for components that are shown with one. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('Nobody is signed in here.')
  return session
}

/** Whether the signed-in caller has the scope `needed`. */
export function allows(session: Session, needed: Scope): boolean {
  return session.scopes.includes('*') || session.scopes.includes(needed)
}
