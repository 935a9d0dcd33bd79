import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import page from '../parts/Page.module.css'
import { useWebhookActions } from './webhooksApi.ts'

/** Sends the events since a time once more. */
export function ResendSince({ endpointId, onClose }: { endpointId: string; onClose: () => void }) {
  const { t, count } = useI18n()
  const { resendSince } = useWebhookActions()
  const [since, setSince] = useState('')
  const [only, setOnly] = useState('failed')
  const resending = useMutation({ mutationFn: () => resendAll() })

  /** One request takes so many events at most; the answer says where to go on. */
  async function resendAll(): Promise<number> {
    let resent = 0
    let from: string | null = new Date(since).toISOString()
    while (from !== null) {
      const answer: Awaited<ReturnType<typeof resendSince>> = await resendSince(endpointId, {
        since: from,
        ...(only === 'failed' ? { status: 'failed' } : {}),
      })
      resent += answer.resent
      from = answer.next_since
    }
    return resent
  }

  return (
    <Dialog title={t('deliveries.resendTitle')} onClose={onClose}>
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault()
          resending.mutate()
        }}
      >
        <p>{t('deliveries.resendHelp')}</p>
        <TextInput
          type="datetime-local"
          label={t('deliveries.since')}
          description={t('deliveries.sinceHelp')}
          required
          withAsterisk={false}
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('deliveries.only')}
          value={only}
          data={[
            { value: 'failed', label: t('deliveries.onlyFailed') },
            { value: '', label: t('deliveries.onlyAll') },
          ]}
          onChange={(event) => setOnly(event.currentTarget.value)}
        />
        <output>{resending.data !== undefined && count('deliveries.resent', resending.data)}</output>
        <Refusal error={resending.error} />
        <Actions>
          <Button variant="default" onClick={onClose}>
            {t(resending.isSuccess ? 'parts.done' : 'parts.back')}
          </Button>
          <Button type="submit" loading={resending.isPending}>
            {t('deliveries.resend')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
