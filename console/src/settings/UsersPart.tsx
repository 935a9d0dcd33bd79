import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Part, State, WaitingRows } from '../parts/Page.tsx'
import page from '../parts/Page.module.css'
import { NewUserForm } from './NewUserForm.tsx'
import { PasswordOnce, type Handover } from './PasswordOnce.tsx'
import classes from './Settings.module.css'
import { newPassword, roles, useUserChange, useUsers, type User } from './settingsApi.ts'

/** The people who sign in with a password: what they may do, and ways to let them in and keep them out. */
export function UsersPart() {
  const { t } = useI18n()
  const users = useUsers()
  const [isNew, setIsNew] = useState(false)
  const [handover, setHandover] = useState<Handover>()
  const change = useUserChange()
  const resetPassword = (user: User) => {
    const password = newPassword()
    change.mutate({ id: user.id, password }, { onSuccess: () => setHandover({ email: user.email, password }) })
  }
  return (
    <Part
      title={t('settings.users')}
      help={t('settings.usersHelp')}
      tools={<Button onClick={() => setIsNew(true)}>{t('settings.addUser')}</Button>}
    >
      <Refusal error={change.error} />
      {users.isPending && <WaitingRows count={2} />}
      {users.isError && !users.data && <Failure error={users.error} onRetry={() => void users.refetch()} />}
      {users.data?.length === 0 && <p className={`soft ${classes.box}`}>{t('settings.noUsers')}</p>}
      {users.data && users.data.length > 0 && (
        <ul className={page.rows} aria-label={t('settings.users')}>
          {users.data.map((user) => (
            <UserRow key={user.id} user={user} onChange={change.mutate} onResetPassword={() => resetPassword(user)} />
          ))}
        </ul>
      )}
      {isNew && <NewUserForm onMade={setHandover} onClose={() => setIsNew(false)} />}
      {handover && <PasswordOnce handover={handover} onClose={() => setHandover(undefined)} />}
    </Part>
  )
}

interface RowProps {
  user: User
  onChange: ReturnType<typeof useUserChange>['mutate']
  onResetPassword: () => void
}

function UserRow({ user, onChange, onResetPassword }: RowProps) {
  const { t, word, format } = useI18n()
  const isSelf = useSession().subject.id === user.id
  const { name } = user
  const isDisabled = user.disabledAt !== null
  return (
    <li className={page.row}>
      <div className={page.main}>
        <div className={page.title}>
          <strong>{name}</strong>
          {isSelf && <span className="soft">({t('settings.you')})</span>}
          <State tone={isDisabled ? 'off' : 'good'}>{t(isDisabled ? 'settings.disabled' : 'settings.enabled')}</State>
        </div>
        <div className={page.facts}>
          {user.email !== name && <span>{user.email}</span>}
          <span>
            {t('settings.lastSignIn')}:{' '}
            {user.lastSignInAt === null ? t('settings.never') : format.moment(user.lastSignInAt)}
          </span>
        </div>
      </div>
      <NativeSelect
        size="xs"
        aria-label={t('settings.roleOf', { name })}
        value={user.role}
        disabled={isSelf}
        data={roles.map((value) => ({ value, label: word('role', value) }))}
        onChange={(event) => {
          const role = roles.find((known) => known === event.currentTarget.value)
          if (role) onChange({ id: user.id, role })
        }}
      />
      {!isSelf && (
        <div className={page.actions}>
          <Button
            variant="default"
            size="xs"
            aria-label={t('settings.resetPasswordOf', { name })}
            onClick={onResetPassword}
          >
            {t('settings.resetPassword')}
          </Button>
          <Button
            variant="default"
            size="xs"
            aria-label={t(isDisabled ? 'settings.enableOf' : 'settings.disableOf', { name })}
            onClick={() => onChange({ id: user.id, disabled: !isDisabled })}
          >
            {t(isDisabled ? 'settings.enable' : 'settings.disable')}
          </Button>
        </div>
      )}
    </li>
  )
}
