import { Button, Checkbox, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { allows, useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import page from '../parts/Page.module.css'
import { endOfDay } from './endOfDay.ts'
import { scopeNames, useKeyActions, type GrantedScope, type NewKey } from './keysApi.ts'

/** The form of a new key. */
export function NewKeyForm({ onMade, onClose }: { onMade: (made: NewKey) => void; onClose: () => void }) {
  const { t, format } = useI18n()
  const session = useSession()
  const { create } = useKeyActions()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<GrantedScope[]>(allows(session, 'calls:read') ? ['calls:read'] : [])
  const [lastDay, setLastDay] = useState('')
  const creating = useMutation({
    mutationFn: () => {
      const expiresAt = lastDay === '' ? null : endOfDay(lastDay, session.account.timezone).toISOString()
      return create({ name: name.trim(), scopes, expiresAt })
    },
    onSuccess: (made) => {
      onMade(made)
      onClose()
    },
  })
  return (
    <Dialog title={t('keys.new')} onClose={onClose} width="38rem">
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault()
          creating.mutate()
        }}
      >
        <TextInput
          label={t('keys.name')}
          description={t('keys.nameHelp')}
          required
          withAsterisk={false}
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ScopesField scopes={scopes} onChange={setScopes} />
        <TextInput
          type="date"
          label={t('keys.expiresAt')}
          description={t('keys.expiresHelp', { zone: format.timezone.replaceAll('_', ' ') })}
          value={lastDay}
          onChange={(event) => setLastDay(event.currentTarget.value)}
        />
        <Refusal error={creating.error} />
        <Actions>
          <Button variant="default" onClick={onClose}>
            {t('parts.back')}
          </Button>
          <Button type="submit" loading={creating.isPending} disabled={scopes.length === 0 || name.trim() === ''}>
            {t('keys.create')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

/** A caller can grant only its own scopes. */
function ScopesField({ scopes, onChange }: { scopes: GrantedScope[]; onChange: (scopes: GrantedScope[]) => void }) {
  const { t } = useI18n()
  const session = useSession()
  const hasAll = scopes.includes('*')
  const known: GrantedScope[] = [...scopeNames]
  return (
    <fieldset className={page.choices}>
      <legend>{t('keys.scopes')}</legend>
      {session.scopes.includes('*') && (
        <Checkbox
          label={t('scope.*')}
          checked={hasAll}
          onChange={(event) => onChange(event.currentTarget.checked ? ['*'] : [])}
        />
      )}
      {scopeNames
        .filter((scope) => allows(session, scope))
        .map((scope) => (
          <Checkbox
            key={scope}
            label={scope}
            description={t(`scope.${scope}`)}
            disabled={hasAll}
            checked={hasAll || scopes.includes(scope)}
            onChange={(event) => {
              const { checked } = event.currentTarget
              onChange(known.filter((each) => (each === scope ? checked : scopes.includes(each))))
            }}
          />
        ))}
    </fieldset>
  )
}
