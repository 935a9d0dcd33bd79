import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import page from '../parts/Page.module.css'
import type { Handover } from './PasswordOnce.tsx'
import { newPassword, roles, useNewUser, type Role } from './settingsApi.ts'

/** Lets somebody in, with a password that is made here and shown once. */
export function NewUserForm({ onMade, onClose }: { onMade: (handover: Handover) => void; onClose: () => void }) {
  const { t, word } = useI18n()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const create = useNewUser()
  const submit = () => {
    const password = newPassword()
    const user = { email: email.trim(), role, password, ...(name.trim() === '' ? {} : { name: name.trim() }) }
    create.mutate(user, {
      onSuccess: () => {
        onClose()
        onMade({ email: user.email, password })
      },
    })
  }
  return (
    <Dialog title={t('settings.addUser')} onClose={onClose} width="28rem">
      <form
        className={page.form}
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <TextInput
          type="email"
          label={t('settings.email')}
          required
          withAsterisk={false}
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          label={t('settings.name')}
          maxLength={200}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('settings.role')}
          value={role}
          data={roles.map((value) => ({ value, label: word('role', value) }))}
          onChange={(event) => setRole(roles.find((known) => known === event.currentTarget.value) ?? 'viewer')}
        />
        <Refusal error={create.error} />
        <Actions>
          <Button variant="default" onClick={onClose}>
            {t('settings.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('settings.createUser')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
