import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { ApiError, whenSignedOut } from './api/client.ts'
import { fetchSession, SessionProvider, type Session } from './api/session.tsx'
import { I18nProvider } from './i18n/i18n.tsx'
import { Pages } from './layout/Pages.tsx'
import { Shell } from './layout/Shell.tsx'
import { Failure } from './parts/Failure.tsx'
import { FirstPasswordPage } from './signIn/FirstPasswordPage.tsx'
import { SignInPage } from './signIn/SignInPage.tsx'

const sessionKey = ['session']

/** The console: the sign-in page without a session, at any address, and the pages with one. */
export function App() {
  const queries = useQueryClient()
  const [hasEnded, setHasEnded] = useState(false)
  const session = useQuery({ queryKey: sessionKey, queryFn: sessionOrNobody, staleTime: Number.POSITIVE_INFINITY })
  const replace = useCallback(
    (next: Session | null) => {
      // The next account must not see cached data of this one.
      queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionKey[0] })
      queries.setQueryData(sessionKey, next)
    },
    [queries],
  )
  useEffect(
    () =>
      whenSignedOut(() => {
        setHasEnded(true)
        replace(null)
      }),
    [replace],
  )
  return (
    <I18nProvider timezone={session.data?.account.timezone}>
      {session.data && (
        <SessionProvider value={session.data}>
          {session.data.mustChangePassword ? (
            <FirstPasswordPage onSignedOut={() => replace(null)} />
          ) : (
            <Shell onSignedOut={() => replace(null)}>
              <Pages />
            </Shell>
          )}
        </SessionProvider>
      )}
      {session.data === null && (
        <SignInPage
          hasEnded={hasEnded}
          onSignedIn={(next) => {
            setHasEnded(false)
            replace(next)
          }}
        />
      )}
      {session.isError && <Failure error={session.error} onRetry={() => void session.refetch()} />}
    </I18nProvider>
  )
}

async function sessionOrNobody(): Promise<Session | null> {
  try {
    return await fetchSession()
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null
    throw error
  }
}
