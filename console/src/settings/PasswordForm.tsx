import { Button, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError } from '../api/client.ts'
import { useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import classes from './Settings.module.css'
import { useOwnPassword } from './settingsApi.ts'

const minCharacters = 12

/** Another password for whoever is signed in. */
export function PasswordForm() {
  const { t } = useI18n()
  const { subject } = useSession()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useOwnPassword()
  const refused = change.error instanceof ApiError && change.error.status === 422 ? change.error.field : undefined
  const isWrong = refused === 'currentPassword'
  const isWeak = refused === 'password'
  return (
    <form
      className={classes.box}
      onSubmit={(event) => {
        event.preventDefault()
        const passwords = { currentPassword: current, newPassword: next }
        change.mutate(passwords, {
          onSuccess: () => {
            setCurrent('')
            setNext('')
          },
        })
      }}
    >
      <input type="text" autoComplete="username" value={subject.email ?? ''} readOnly hidden />
      <div className={classes.pair}>
        <PasswordInput
          label={t('settings.currentPassword')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          error={isWrong && t('settings.passwordWrong')}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
        />
        <PasswordInput
          label={t('settings.newPassword')}
          autoComplete="new-password"
          required
          withAsterisk={false}
          minLength={minCharacters}
          maxLength={128}
          error={isWeak && t('settings.passwordWeak')}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
      </div>
      <Refusal error={isWrong || isWeak ? undefined : change.error} />
      <div className={classes.actions}>
        <Button type="submit" loading={change.isPending}>
          {t('settings.changePassword')}
        </Button>
        <output>{change.isSuccess && t('settings.passwordChanged')}</output>
      </div>
    </form>
  )
}
