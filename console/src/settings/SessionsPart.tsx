import { Button } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Part, WaitingRows } from '../parts/Page.tsx'
import page from '../parts/Page.module.css'
import { browserName } from './browserName.ts'
import { useOwnSessions, useSessionEnd, type OwnSession } from './settingsApi.ts'

/** Where whoever is signed in is signed in, and a way to end each sign-in but this one. */
export function SessionsPart() {
  const { t } = useI18n()
  const sessions = useOwnSessions()
  const end = useSessionEnd()
  return (
    <Part title={t('settings.sessions')} help={t('settings.sessionsHelp')}>
      <Refusal error={end.error} />
      {sessions.isPending && <WaitingRows count={1} />}
      {sessions.isError && !sessions.data && <Failure error={sessions.error} onRetry={() => void sessions.refetch()} />}
      {sessions.data && (
        <ul className={page.rows} aria-label={t('settings.sessions')}>
          {sessions.data.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => end.mutate(session.id)} />
          ))}
        </ul>
      )}
    </Part>
  )
}

function SessionRow({ session, onEnd }: { session: OwnSession; onEnd: () => void }) {
  const { t, format } = useI18n()
  const name = browserName(session.userAgent) || t('settings.unknownBrowser')
  const since = format.moment(session.createdAt)
  return (
    <li className={page.row}>
      <div className={page.main}>
        <div className={page.title}>
          <strong>{name}</strong>
          {session.isCurrent && <span className="soft">({t('settings.thisSession')})</span>}
        </div>
        <div className={page.facts}>
          <span>
            {t('settings.signedInAt')}: {since}
          </span>
          <span>
            {t('settings.lastUsed')}: {format.moment(session.lastSeenAt)}
          </span>
        </div>
      </div>
      {!session.isCurrent && (
        <div className={page.actions}>
          <Button variant="default" size="xs" aria-label={t('settings.endSessionOf', { name, since })} onClick={onEnd}>
            {t('settings.endSession')}
          </Button>
        </div>
      )}
    </li>
  )
}
