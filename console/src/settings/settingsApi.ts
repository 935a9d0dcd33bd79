import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '../api/client.ts'

/** Days that things are kept; null for ever. */
export interface Retention {
  recordingsDays: number | null
  callsDays: number | null
  turnsDays: number | null
}

export interface Account {
  name: string
  timezone: string
  country: string | null
  retention: Retention
}

export const roles = ['viewer', 'analyst', 'admin'] as const

export type Role = (typeof roles)[number]

export interface User {
  id: string
  email: string
  name: string
  role: Role
  disabledAt: string | null
  lastSignInAt: string | null
}

const accountKey = ['account']
const usersKey = ['users']

export function useAccount() {
  return useQuery({
    queryKey: accountKey,
    queryFn: ({ signal }) => request<Account>('/v1/admin/account', { signal }),
  })
}

/** Changes what is given of the account's settings. The session tells the time zone, so it is read again, too. */
export function useAccountChange() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (change: { timezone?: string; country?: string | null; retention?: Retention }) =>
      request<Account>('/v1/admin/account', { method: 'PATCH', body: change }),
    onSuccess: async (account) => {
      queries.setQueryData(accountKey, account)
      await queries.invalidateQueries({ queryKey: ['session'] })
    },
  })
}

export function useUsers() {
  return useQuery({
    queryKey: usersKey,
    queryFn: async ({ signal }) => (await request<{ data: User[] }>('/v1/admin/users', { signal })).data,
  })
}

export function useNewUser() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (user: { email: string; name?: string; role: Role; password: string }) =>
      request<User>('/v1/admin/users', { method: 'POST', body: user }),
    onSuccess: () => queries.invalidateQueries({ queryKey: usersKey }),
  })
}

export function useUserChange() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, ...change }: { id: string; role?: Role; disabled?: boolean; password?: string }) =>
      request<User>(`/v1/admin/users/${id}`, { method: 'PATCH', body: change }),
    onSuccess: () => queries.invalidateQueries({ queryKey: usersKey }),
  })
}

/** The session says whether the password is still one that was given, so it is read again. */
export function useOwnPassword() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (passwords: { currentPassword: string; newPassword: string }) =>
      request('/v1/session/password', { method: 'POST', body: passwords }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['session'] }),
  })
}

/** A sign-in of whoever is signed in. */
export interface OwnSession {
  id: string
  isCurrent: boolean
  userAgent: string
  createdAt: string
  lastSeenAt: string
}

const sessionsKey = ['sessions']

export function useOwnSessions() {
  return useQuery({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) => (await request<{ data: OwnSession[] }>('/v1/sessions', { signal })).data,
  })
}

export function useSessionEnd() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => request(`/v1/sessions/${id}`, { method: 'DELETE' }),
    // Also when it failed: it may have ended by itself.
    onSettled: () => queries.invalidateQueries({ queryKey: sessionsKey }),
  })
}

const passwordBytes = 15

/** A password that nobody could guess: 120 random bits. */
export function newPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(passwordBytes))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}
