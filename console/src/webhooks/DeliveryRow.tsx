import { Button, Skeleton } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useI18n } from '../i18n/i18n.tsx'
import { Copied } from '../parts/Copied.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import page from '../parts/Page.module.css'
import { State, type Tone } from '../parts/Page.tsx'
import classes from './Webhooks.module.css'
import { usePayload, useWebhookActions, type Attempt, type Delivery } from './webhooksApi.ts'

const tones: Record<Delivery['status'], Tone> = { pending: 'busy', succeeded: 'good', failed: 'bad' }

interface DeliveryRowProps {
  endpointId: string
  delivery: Delivery
  isOpen: boolean
  onToggle: () => void
}

/** An event for an endpoint; opened, with every attempt and with what is sent. */
export function DeliveryRow({ endpointId, delivery, isOpen, onToggle }: DeliveryRowProps) {
  const { t, count, format } = useI18n()
  const time = format.dayAndTime(delivery.created_at)
  const last = delivery.attempts.at(-1)
  return (
    <li>
      <div className={page.row}>
        <div className={page.main}>
          <div className={page.title}>
            <strong>{delivery.event_type}</strong>
          </div>
          <div className={`${page.facts} numbers`}>
            <span>{time}</span>
            <span>{count('deliveries.attempts', delivery.attempt_count)}</span>
            {last && <Outcome attempt={last} />}
            {delivery.next_attempt_at !== null && (
              <span>{t('deliveries.nextAt', { time: format.dayAndTime(delivery.next_attempt_at) })}</span>
            )}
          </div>
        </div>
        <State tone={tones[delivery.status]}>{t(`deliveries.${delivery.status}`)}</State>
        <div className={page.actions}>
          <Button
            variant="default"
            size="compact-md"
            aria-expanded={isOpen}
            aria-label={t('deliveries.showOf', { event: delivery.event_type, time })}
            onClick={onToggle}
          >
            {t('deliveries.show')}
          </Button>
        </div>
      </div>
      {isOpen && <Details endpointId={endpointId} delivery={delivery} />}
    </li>
  )
}

function Outcome({ attempt }: { attempt: Attempt }) {
  const { t } = useI18n()
  if (attempt.status !== null) return <span>{t('deliveries.answered', { status: attempt.status })}</span>
  return <span>{t('deliveries.noAnswer', { reason: attempt.error ?? '' })}</span>
}

function Details({ endpointId, delivery }: { endpointId: string; delivery: Delivery }) {
  const { t } = useI18n()
  const payload = usePayload(endpointId, delivery.id)
  const { resend } = useWebhookActions()
  const resending = useMutation({ mutationFn: () => resend(endpointId, delivery.id) })
  return (
    <div className={classes.detail}>
      <div>
        <h3>{t('deliveries.attemptsTitle')}</h3>
        {delivery.attempts.length === 0 && <p className="soft">{t('deliveries.noAttempts')}</p>}
        <ol className={classes.attempts}>
          {delivery.attempts.map((attempt) => (
            <AttemptLine key={attempt.at} attempt={attempt} />
          ))}
        </ol>
      </div>
      {payload.isPending && <Skeleton height={120} radius="md" />}
      {payload.isError && <Failure error={payload.error} onRetry={() => void payload.refetch()} />}
      {payload.data !== undefined && (
        <Copied name={t('deliveries.payload')} text={JSON.stringify(payload.data, undefined, 2)} />
      )}
      <div className={page.actions}>
        <Refusal error={resending.error} />
        <Button variant="default" loading={resending.isPending} onClick={() => resending.mutate()}>
          {t('deliveries.resend')}
        </Button>
      </div>
    </div>
  )
}

function AttemptLine({ attempt }: { attempt: Attempt }) {
  const { t, format } = useI18n()
  return (
    <li>
      <div className={`${page.facts} numbers`}>
        <time dateTime={attempt.at}>{format.moment(attempt.at)}</time>
        <Outcome attempt={attempt} />
        <span>{t('deliveries.took', { count: format.integer(attempt.duration_ms) })}</span>
      </div>
      {attempt.response_start !== null && attempt.response_start !== '' && (
        <pre aria-label={t('deliveries.response')}>{attempt.response_start}</pre>
      )}
    </li>
  )
}
