import { Button, Checkbox, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import page from '../parts/Page.module.css'
import { eventNames, type Endpoint, type EndpointBody } from './webhooksApi.ts'

interface EndpointFormProps {
  title: string
  action: string
  /** Undefined for a new one. */
  endpoint?: Endpoint
  onSave: (body: EndpointBody) => Promise<unknown>
  onClose: () => void
}

/** Where events are sent, and which. */
export function EndpointForm({ title, action, endpoint, onSave, onClose }: EndpointFormProps) {
  const { t } = useI18n()
  const [body, setBody] = useState<EndpointBody>({
    url: endpoint?.url ?? '',
    events: endpoint?.events ?? ['*'],
    description: endpoint?.description ?? '',
  })
  const saving = useMutation({ mutationFn: () => onSave(body), onSuccess: onClose })
  return (
    <Dialog title={title} onClose={onClose} width="40rem">
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault()
          saving.mutate()
        }}
      >
        <TextInput
          type="url"
          label={t('webhooks.url')}
          description={t('webhooks.urlHelp')}
          placeholder="https://example.com/hooks"
          required
          withAsterisk={false}
          value={body.url}
          onChange={(event) => setBody({ ...body, url: event.currentTarget.value })}
        />
        <TextInput
          label={t('webhooks.description')}
          maxLength={1000}
          value={body.description}
          onChange={(event) => setBody({ ...body, description: event.currentTarget.value })}
        />
        <EventsField events={body.events} onChange={(events) => setBody({ ...body, events })} />
        <Refusal error={saving.error} />
        <Actions>
          <Button variant="default" onClick={onClose}>
            {t('parts.back')}
          </Button>
          <Button type="submit" loading={saving.isPending} disabled={body.events.length === 0}>
            {action}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function EventsField({ events, onChange }: { events: string[]; onChange: (events: string[]) => void }) {
  const { t } = useI18n()
  const hasAll = events.includes('*')
  const isWanted = (name: string): boolean => events.includes(name) || events.includes(name.replace(/\..*$/, '.*'))
  return (
    <fieldset className={page.choices}>
      <legend>{t('webhooks.events')}</legend>
      <Checkbox
        label={t('webhooks.allEvents')}
        checked={hasAll}
        onChange={(event) => onChange(event.currentTarget.checked ? ['*'] : [])}
      />
      {eventNames.map((name) => (
        <Checkbox
          key={name}
          label={name}
          description={t(`webhookEvent.${name}`)}
          disabled={hasAll}
          checked={hasAll || isWanted(name)}
          onChange={(event) => {
            const { checked } = event.currentTarget
            onChange(eventNames.filter((known) => (known === name ? checked : isWanted(known))))
          }}
        />
      ))}
    </fieldset>
  )
}
