import { Button } from '@mantine/core'
import { Link } from 'wouter'
import { allows, useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Part } from '../parts/Page.tsx'
import page from '../parts/Page.module.css'
import { useBlockedCalls, useRelease } from './healthApi.ts'
import { useSpans } from './spans.ts'

/** The calls that block the call feed, each with a button to release it. */
export function BlockedCallsPart() {
  const { t } = useI18n()
  const spans = useSpans()
  const session = useSession()
  const blocked = useBlockedCalls()
  const release = useRelease()
  if (blocked.isPending) return null
  if (!blocked.data) return <Failure error={blocked.error} onRetry={() => void blocked.refetch()} />
  const { data: calls, blockedAfterSeconds } = blocked.data
  const help =
    calls.length === 0 ? t('health.noBlocked') : t('health.blockedHelp', { time: spans.time(blockedAfterSeconds) })
  return (
    <Part title={t('health.blocked')} help={help}>
      <Refusal error={release.error} />
      {calls.length > 0 && (
        <ul className={page.rows} aria-label={t('health.blocked')}>
          {calls.map((call) => (
            <li key={call.number} className={page.row}>
              <div className={page.main}>
                <div className={page.title}>
                  {allows(session, 'calls:read') ? (
                    <Link href={`/calls/${encodeURIComponent(call.id)}`}>{call.id}</Link>
                  ) : (
                    <strong>{call.id}</strong>
                  )}
                </div>
                <div className={`numbers ${page.facts}`}>
                  <span>
                    {t('health.phase')}: {call.phase}
                  </span>
                  <span>
                    {t('health.since')}: {spans.time(call.waitingSeconds)}
                  </span>
                </div>
              </div>
              <div className={page.actions}>
                <Button
                  variant="default"
                  size="xs"
                  aria-label={t('health.releaseOf', { id: call.id })}
                  loading={release.isPending && release.variables === call.number}
                  onClick={() => release.mutate(call.number)}
                >
                  {t('health.release')}
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Part>
  )
}
