import { Button, TextInput, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Confirm } from '../parts/Confirm.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import page from '../parts/Page.module.css'
import { Part, WaitingRows } from '../parts/Page.tsx'
import classes from './Data.module.css'
import { useDataActions, useHolds, type Hold } from './dataApi.ts'

/** The calls under a legal hold, and the form that sets one. */
export function Holds() {
  const { t } = useI18n()
  const holds = useHolds()
  const [isNew, setIsNew] = useState(false)
  const shown = holds.data?.pages.flatMap(({ data }) => data)
  return (
    <Part
      title={t('holds.title')}
      help={t('holds.help')}
      tools={
        <Button variant="default" size="compact-md" onClick={() => setIsNew(true)}>
          {t('holds.set')}
        </Button>
      }
    >
      {holds.isPending && <WaitingRows count={2} />}
      {holds.isError && !shown && <Failure error={holds.error} onRetry={() => void holds.refetch()} />}
      {shown?.length === 0 && <p>{t('holds.none')}</p>}
      {shown && shown.length > 0 && (
        <ul className={page.rows} aria-label={t('holds.listName')}>
          {shown.map((hold) => (
            <HoldRow key={hold.callId} hold={hold} />
          ))}
        </ul>
      )}
      {holds.hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={holds.isFetchingNextPage} onClick={() => void holds.fetchNextPage()}>
            {t('parts.more')}
          </Button>
        </div>
      )}
      {isNew && <HoldForm onClose={() => setIsNew(false)} />}
    </Part>
  )
}

function HoldRow({ hold }: { hold: Hold }) {
  const { t, format } = useI18n()
  const { releaseHold } = useDataActions()
  const [isAsked, setIsAsked] = useState(false)
  const { callId } = hold
  return (
    <li className={page.row}>
      <div className={page.main}>
        <div className={page.title}>
          <Link href={`/calls/${encodeURIComponent(callId)}`}>{callId}</Link>
        </div>
        <div className={page.facts}>
          <span>{hold.reason}</span>
          <span className="numbers">{t('holds.setAt', { time: format.dayAndTime(hold.setAt) })}</span>
        </div>
      </div>
      <div className={page.actions}>
        <Button
          variant="default"
          size="compact-md"
          aria-label={t('holds.releaseOf', { id: callId })}
          onClick={() => setIsAsked(true)}
        >
          {t('holds.release')}
        </Button>
      </div>
      {isAsked && (
        <Confirm
          title={t('holds.releaseTitle')}
          action={t('holds.release')}
          isDangerous
          onConfirm={() => releaseHold(callId)}
          onClose={() => setIsAsked(false)}
        >
          <p>{t('holds.releaseHelp', { id: callId })}</p>
        </Confirm>
      )}
    </li>
  )
}

function HoldForm({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { setHold } = useDataActions()
  const [callId, setCallId] = useState('')
  const [reason, setReason] = useState('')
  const setting = useMutation({
    mutationFn: (hold: { callId: string; reason: string }) => setHold(hold.callId, hold.reason),
    onSuccess: onClose,
  })
  return (
    <Dialog title={t('holds.set')} onClose={onClose}>
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault()
          setting.mutate({ callId: callId.trim(), reason: reason.trim() })
        }}
      >
        <TextInput
          label={t('holds.callId')}
          required
          withAsterisk={false}
          value={callId}
          onChange={(event) => setCallId(event.currentTarget.value)}
        />
        <Textarea
          label={t('holds.reason')}
          description={t('holds.reasonHelp')}
          required
          withAsterisk={false}
          rows={3}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Refusal error={setting.error} missing={t('holds.unknownCall', { id: setting.variables?.callId ?? '' })} />
        <Actions>
          <Button variant="default" onClick={onClose}>
            {t('parts.back')}
          </Button>
          <Button type="submit" loading={setting.isPending}>
            {t('holds.set')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
