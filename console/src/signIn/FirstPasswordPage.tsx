import { Button } from '@mantine/core'
import { signOut } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Brand } from '../layout/Brand.tsx'
import { PasswordForm } from '../settings/PasswordForm.tsx'
import classes from './SignInPage.module.css'

/** What people see whose password somebody else gave: they choose one of their own before anything else. */
export function FirstPasswordPage({ onSignedOut }: { onSignedOut: () => void }) {
  const { t } = useI18n()
  return (
    <main className={classes.page}>
      <div className={classes.form}>
        <Brand />
        <h1>{t('signIn.firstPassword')}</h1>
        <p className="soft">{t('signIn.firstPasswordHelp')}</p>
        <PasswordForm />
        <Button variant="subtle" onClick={() => void signOut().finally(onSignedOut)}>
          {t('app.signOut')}
        </Button>
      </div>
    </main>
  )
}
