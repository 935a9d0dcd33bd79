import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Notice } from '../parts/Notice.tsx'
import page from '../parts/Page.module.css'
import { Needs, PageHeader, WaitingRows } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { EndpointForm } from './EndpointForm.tsx'
import { EndpointEvents, EndpointFacts, EndpointState } from './EndpointState.tsx'
import { SecretDialog } from './SecretDialog.tsx'
import { useEndpoints, useWebhookActions } from './webhooksApi.ts'

/** The endpoints that are told of events. */
export function WebhooksPage() {
  const { t } = useI18n()
  usePageTitle(t('webhooks.title'))
  return (
    <Needs scope="webhooks:manage" title={t('webhooks.title')}>
      <Webhooks />
    </Needs>
  )
}

function Webhooks() {
  const { t } = useI18n()
  const endpoints = useEndpoints()
  const { create } = useWebhookActions()
  const [, navigate] = useLocation()
  const [isNew, setIsNew] = useState(false)
  const [made, setMade] = useState<{ id: string; secret?: string }>()
  const hasAny = endpoints.data !== undefined && endpoints.data.length > 0
  const openForm = <Button onClick={() => setIsNew(true)}>{t('webhooks.new')}</Button>
  return (
    <>
      <PageHeader title={t('webhooks.title')} help={t('webhooks.help')}>
        {hasAny && openForm}
      </PageHeader>
      {endpoints.isPending && <WaitingRows />}
      {endpoints.isError && !endpoints.data && (
        <Failure error={endpoints.error} onRetry={() => void endpoints.refetch()} />
      )}
      {endpoints.data && !hasAny && (
        <Notice title={t('webhooks.emptyTitle')}>
          <p className="soft">{t('webhooks.emptyHelp')}</p>
          {openForm}
        </Notice>
      )}
      {hasAny && (
        <ul className={page.rows} aria-label={t('webhooks.listName')}>
          {endpoints.data.map((endpoint) => (
            <li key={endpoint.id} className={page.row}>
              <div className={page.main}>
                <div className={page.title}>
                  <Link href={`/webhooks/${endpoint.id}`}>{endpoint.url}</Link>
                </div>
                <EndpointFacts endpoint={endpoint} />
                <EndpointEvents endpoint={endpoint} />
              </div>
              <EndpointState endpoint={endpoint} />
            </li>
          ))}
        </ul>
      )}
      {isNew && (
        <EndpointForm
          title={t('webhooks.new')}
          action={t('webhooks.create')}
          onSave={async (body) => setMade(await create(body))}
          onClose={() => setIsNew(false)}
        />
      )}
      {made && <SecretDialog secret={made.secret ?? ''} onClose={() => navigate(`/webhooks/${made.id}`)} />}
    </>
  )
}
