import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Confirm } from '../parts/Confirm.tsx'
import { Failure } from '../parts/Failure.tsx'
import page from '../parts/Page.module.css'
import { Part, WaitingRows } from '../parts/Page.tsx'
import { Status } from '../parts/Status.tsx'
import { useBlockedCalls, useDataActions, type BlockedCall } from './dataApi.ts'

/** The calls that block the call feed, with a button to release them. */
export function BlockedFeed() {
  const { t, format } = useI18n()
  const blocked = useBlockedCalls()
  const { data } = blocked
  const hours = data === undefined ? '…' : format.decimal(data.blockedAfterSeconds / 3600)
  return (
    <Part title={t('blocked.title')} help={t('blocked.help', { hours })}>
      {blocked.isPending && <WaitingRows count={1} />}
      {blocked.isError && !data && <Failure error={blocked.error} onRetry={() => void blocked.refetch()} />}
      {data?.data.length === 0 && <p>{t('blocked.none')}</p>}
      {data && data.data.length > 0 && (
        <ul className={page.rows} aria-label={t('blocked.listName')}>
          {data.data.map((call) => (
            <BlockedRow key={call.number} call={call} />
          ))}
        </ul>
      )}
    </Part>
  )
}

function BlockedRow({ call }: { call: BlockedCall }) {
  const { t, format } = useI18n()
  const { releaseCall } = useDataActions()
  const [isAsked, setIsAsked] = useState(false)
  const { id } = call
  return (
    <li className={page.row}>
      <div className={page.main}>
        <div className={page.title}>
          <Link href={`/calls/${encodeURIComponent(id)}`}>{id}</Link>
        </div>
        <div className={`${page.facts} numbers`}>
          <span>{t('blocked.number', { number: format.integer(call.number) })}</span>
          <span>{t('blocked.phase', { phase: call.phase })}</span>
          <span>{t('blocked.since', { time: format.dayAndTime(call.updatedAt) })}</span>
        </div>
      </div>
      <Status status={call.status} />
      <div className={page.actions}>
        <Button
          variant="default"
          size="compact-md"
          aria-label={t('blocked.releaseOf', { id })}
          onClick={() => setIsAsked(true)}
        >
          {t('blocked.release')}
        </Button>
      </div>
      {isAsked && (
        <Confirm
          title={t('blocked.releaseTitle')}
          action={t('blocked.release')}
          onConfirm={() => releaseCall(call.number)}
          onClose={() => setIsAsked(false)}
        >
          <p>{t('blocked.releaseHelp', { id })}</p>
        </Confirm>
      )}
    </li>
  )
}
