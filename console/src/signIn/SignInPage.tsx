import { Button, PasswordInput, SegmentedControl, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { ApiError } from '../api/client.ts'
import { signIn, type Credentials, type Session } from '../api/session.tsx'
import { languages, useI18n, type I18n } from '../i18n/i18n.tsx'
import { Brand } from '../layout/Brand.tsx'
import { failureText } from '../parts/Failure.tsx'
import classes from './SignInPage.module.css'

type Method = 'key' | 'password'

/** Signing in with an API key, or with an e-mail address and a password. */
export function SignInPage({ hasEnded, onSignedIn }: { hasEnded: boolean; onSignedIn: (session: Session) => void }) {
  const i18n = useI18n()
  const { t } = i18n
  const [method, setMethod] = useState<Method>('key')
  const [needsAccount, setNeedsAccount] = useState(false)
  const [failure, setFailure] = useState('')
  const [isBusy, setIsBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    setIsBusy(true)
    setFailure('')
    try {
      onSignedIn(await signIn(credentialsOf(new FormData(event.currentTarget), method)))
    } catch (error) {
      const asksForAccount = method === 'password' && error instanceof ApiError && error.status === 422 && !needsAccount
      setNeedsAccount(needsAccount || asksForAccount)
      setFailure(asksForAccount ? t('signIn.accountHelp') : refusalText(error, method, i18n))
    } finally {
      setIsBusy(false)
    }
  }

  return (
    <main className={classes.page}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} aria-labelledby="sign-in">
        <Brand />
        <h1 id="sign-in">{t('signIn.title')}</h1>
        <p className="soft">{hasEnded ? t('signIn.ended') : t('app.tagline')}</p>
        <SegmentedControl
          fullWidth
          aria-label={t('signIn.method')}
          value={method}
          onChange={(value) => {
            setMethod(value === 'password' ? 'password' : 'key')
            setFailure('')
          }}
          data={[
            { value: 'key', label: t('signIn.withKey') },
            { value: 'password', label: t('signIn.withPassword') },
          ]}
        />
        {method === 'key' ? <KeyFields /> : <PasswordFields needsAccount={needsAccount} />}
        <p className={classes.failure} role="alert">
          {failure}
        </p>
        <Button type="submit" size="md" fullWidth loading={isBusy}>
          {t('signIn.submit')}
        </Button>
      </form>
      <LanguageLink />
    </main>
  )
}

function KeyFields() {
  const { t } = useI18n()
  return (
    <>
      <PasswordInput
        name="apiKey"
        label={t('signIn.key')}
        size="md"
        required
        withAsterisk={false}
        autoComplete="off"
        placeholder="ak_live_…"
        visibilityToggleButtonProps={{ 'aria-hidden': true }}
      />
      <div className={classes.help}>
        <p className="soft">{t('signIn.keyHelp')}</p>
        <code>earshot keys create --account acme --scopes &apos;*&apos;</code>
      </div>
    </>
  )
}

function PasswordFields({ needsAccount }: { needsAccount: boolean }) {
  const { t } = useI18n()
  return (
    <>
      <TextInput
        name="email"
        type="email"
        label={t('signIn.email')}
        size="md"
        required
        withAsterisk={false}
        autoComplete="username"
      />
      <PasswordInput
        name="password"
        label={t('signIn.password')}
        size="md"
        required
        withAsterisk={false}
        autoComplete="current-password"
        visibilityToggleButtonProps={{ 'aria-hidden': true }}
      />
      {needsAccount && (
        <TextInput name="account" label={t('signIn.account')} size="md" required withAsterisk={false} autoFocus />
      )}
    </>
  )
}

/** The other language, in its own words. */
function LanguageLink() {
  const { language, setLanguage } = useI18n()
  const other = language === 'es' ? 'en' : 'es'
  return (
    <button type="button" lang={other} className={classes.language} onClick={() => setLanguage(other)}>
      {languages[other]}
    </button>
  )
}

function credentialsOf(form: FormData, method: Method): Credentials {
  const text = (name: string) => {
    const value = form.get(name)
    return typeof value === 'string' ? value.trim() : ''
  }
  if (method === 'key') return { apiKey: text('apiKey') }
  const account = text('account')
  const password = form.get('password')
  return {
    email: text('email'),
    password: typeof password === 'string' ? password : '',
    ...(account === '' ? {} : { account }),
  }
}

function refusalText(error: unknown, method: Method, i18n: I18n): string {
  if (error instanceof ApiError && (error.status === 401 || error.status === 422)) {
    return i18n.t(method === 'key' ? 'signIn.wrongKey' : 'signIn.wrongPassword')
  }
  return failureText(error, i18n)
}
