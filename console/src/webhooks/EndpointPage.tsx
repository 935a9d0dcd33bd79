import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useParams } from 'wouter'
import { ApiError } from '../api/client.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { Confirm } from '../parts/Confirm.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Notice } from '../parts/Notice.tsx'
import page from '../parts/Page.module.css'
import { Needs, WaitingRows } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { Deliveries } from './Deliveries.tsx'
import classes from './Webhooks.module.css'
import { EndpointForm } from './EndpointForm.tsx'
import { EndpointEvents, EndpointFacts, EndpointState } from './EndpointState.tsx'
import { SecretDialog } from './SecretDialog.tsx'
import { useEndpoint, useWebhookActions, type Endpoint } from './webhooksApi.ts'

/** One endpoint with what was sent to it. */
export function EndpointPage() {
  const { t } = useI18n()
  usePageTitle(t('webhooks.title'))
  return (
    <Needs scope="webhooks:manage" title={t('webhooks.title')}>
      <ShownEndpoint />
    </Needs>
  )
}

function ShownEndpoint() {
  const { t } = useI18n()
  const { id } = useParams<{ id: string }>()
  const endpoint = useEndpoint(id)
  const isMissing = endpoint.error instanceof ApiError && endpoint.error.status === 404
  return (
    <>
      <Link href="/webhooks" className={classes.back}>
        <Icon name="back" size={16} />
        {t('webhooks.back')}
      </Link>
      {endpoint.isPending && <WaitingRows count={2} />}
      {isMissing && (
        <Notice title={t('webhooks.missingTitle')}>
          <p className="soft">{t('webhooks.missingHelp')}</p>
        </Notice>
      )}
      {endpoint.isError && !endpoint.data && !isMissing && (
        <Failure error={endpoint.error} onRetry={() => void endpoint.refetch()} />
      )}
      {endpoint.data && !isMissing && (
        <>
          <header className={classes.header}>
            <div className={page.title}>
              <h1>{endpoint.data.url}</h1>
              <EndpointState endpoint={endpoint.data} />
            </div>
            <EndpointFacts endpoint={endpoint.data} />
            <EndpointEvents endpoint={endpoint.data} />
          </header>
          <EndpointTools endpoint={endpoint.data} />
          <Deliveries endpointId={endpoint.data.id} />
        </>
      )}
    </>
  )
}

type Question = 'edit' | 'rotate' | 'disable' | 'delete'

function EndpointTools({ endpoint }: { endpoint: Endpoint }) {
  const { t } = useI18n()
  const actions = useWebhookActions()
  const testing = useMutation({ mutationFn: () => actions.test(endpoint.id) })
  const enabling = useMutation({ mutationFn: () => actions.enable(endpoint.id) })
  const [question, setQuestion] = useState<Question>()
  const [secret, setSecret] = useState('')
  return (
    <div className={classes.tools}>
      {endpoint.is_active ? (
        <Button loading={testing.isPending} onClick={() => testing.mutate()}>
          {t('webhooks.test')}
        </Button>
      ) : (
        <Button loading={enabling.isPending} onClick={() => enabling.mutate()}>
          {t('webhooks.enable')}
        </Button>
      )}
      <Button variant="default" onClick={() => setQuestion('edit')}>
        {t('webhooks.edit')}
      </Button>
      <Button variant="default" onClick={() => setQuestion('rotate')}>
        {t('webhooks.rotate')}
      </Button>
      {endpoint.is_active && (
        <Button variant="default" onClick={() => setQuestion('disable')}>
          {t('webhooks.disable')}
        </Button>
      )}
      <Button variant="default" className={classes.danger} onClick={() => setQuestion('delete')}>
        {t('webhooks.delete')}
      </Button>
      <output className="soft">{testing.isSuccess && t('webhooks.tested')}</output>
      <Refusal error={testing.error ?? enabling.error} />
      <Questions endpoint={endpoint} question={question} onSecret={setSecret} onClose={() => setQuestion(undefined)} />
      {secret !== '' && <SecretDialog secret={secret} onClose={() => setSecret('')} />}
    </div>
  )
}

interface QuestionsProps {
  endpoint: Endpoint
  question: Question | undefined
  onSecret: (secret: string) => void
  onClose: () => void
}

/** What is asked before an endpoint is changed. */
function Questions({ endpoint, question, onSecret, onClose }: QuestionsProps) {
  const { t } = useI18n()
  const [, navigate] = useLocation()
  const actions = useWebhookActions()
  const { id, url } = endpoint
  if (question === 'edit') {
    const save = (body: Parameters<typeof actions.update>[1]) => actions.update(id, body)
    return (
      <EndpointForm
        title={t('webhooks.editTitle')}
        action={t('webhooks.save')}
        endpoint={endpoint}
        onSave={save}
        onClose={onClose}
      />
    )
  }
  if (question === 'rotate') {
    const rotate = async () => onSecret((await actions.rotate(id)).secret ?? '')
    return (
      <Confirm title={t('webhooks.rotateTitle')} action={t('webhooks.rotate')} onConfirm={rotate} onClose={onClose}>
        <p>{t('webhooks.rotateHelp')}</p>
      </Confirm>
    )
  }
  if (question === 'disable') {
    const disable = () => actions.disable(id)
    return (
      <Confirm title={t('webhooks.disableTitle')} action={t('webhooks.disable')} onConfirm={disable} onClose={onClose}>
        <p>{t('webhooks.disableHelp')}</p>
      </Confirm>
    )
  }
  if (question === 'delete') {
    const remove = async () => {
      await actions.remove(id)
      navigate('/webhooks')
    }
    return (
      <Confirm
        title={t('webhooks.deleteTitle')}
        action={t('webhooks.delete')}
        isDangerous
        onConfirm={remove}
        onClose={onClose}
      >
        <p>{t('webhooks.deleteHelp', { url })}</p>
      </Confirm>
    )
  }
  return null
}
