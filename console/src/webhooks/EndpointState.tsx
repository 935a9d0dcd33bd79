import { useI18n } from '../i18n/i18n.tsx'
import page from '../parts/Page.module.css'
import { State } from '../parts/Page.tsx'
import type { Endpoint } from './webhooksApi.ts'

/** Whether an endpoint is sent to, and whether it works. */
export function EndpointState({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useI18n()
  if (!endpoint.is_active)
    return <State tone={endpoint.failing_since === null ? 'off' : 'bad'}>{t('webhooks.off')}</State>
  if (endpoint.failing_since !== null) return <State tone="warning">{t('webhooks.failing')}</State>
  return <State tone="good">{t('webhooks.active')}</State>
}

/** What else is to be known of an endpoint, in a line. */
export function EndpointFacts({ endpoint }: { endpoint: Endpoint }) {
  const { t, format } = useI18n()
  return (
    <div className={page.facts}>
      {endpoint.description !== null && endpoint.description !== '' && <span>{endpoint.description}</span>}
      <span className="numbers">{t('webhooks.created', { time: format.dayAndTime(endpoint.created_at) })}</span>
      {endpoint.disabled_reason !== null && <span>{endpoint.disabled_reason}</span>}
      {endpoint.failing_since !== null && (
        <span className="numbers">
          {t('webhooks.failingSince', { time: format.dayAndTime(endpoint.failing_since) })}
        </span>
      )}
    </div>
  )
}

/** The events of an endpoint, as words. */
export function EndpointEvents({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useI18n()
  return (
    <div className={page.words}>
      {endpoint.events.map((event) => (
        <span key={event} className={page.word}>
          {event === '*' ? t('webhooks.allEvents') : event}
        </span>
      ))}
    </div>
  )
}
