import { SegmentedControl, Skeleton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { allows, useSession } from '../api/session.tsx'
import type { MessageKey } from '../i18n/en.ts'
import { languages, useI18n, type Language } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { PageHeader, Part } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { AccountForm } from './AccountForm.tsx'
import { PasswordForm } from './PasswordForm.tsx'
import { RetentionForm } from './RetentionForm.tsx'
import { SessionsPart } from './SessionsPart.tsx'
import classes from './Settings.module.css'
import { useAccount } from './settingsApi.ts'
import { UsersPart } from './UsersPart.tsx'

/** What can be set: for everybody their own, for administrators the account and its users. */
export function SettingsPage() {
  const { t } = useI18n()
  const session = useSession()
  const isAdmin = allows(session, 'admin')
  usePageTitle(t('settings.title'))
  return (
    <div className={classes.page}>
      <PageHeader title={t('settings.title')} />
      <Part title={t('settings.browser')}>
        <BrowserChoices />
      </Part>
      <Part title={t('settings.password')} help={t('settings.passwordHelp')}>
        {session.subject.kind === 'user' ? (
          <PasswordForm />
        ) : (
          <p className={`soft ${classes.box}`}>{t('settings.keyPassword')}</p>
        )}
      </Part>
      <SessionsPart />
      {isAdmin ? <AdminParts /> : <p className={`soft ${classes.note}`}>{t('settings.noAdmin')}</p>}
    </div>
  )
}

function AdminParts() {
  const { t } = useI18n()
  const account = useAccount()
  if (account.isPending) return <Skeleton height={260} mt="xl" radius="lg" />
  if (!account.data) return <Failure error={account.error} onRetry={() => void account.refetch()} />
  return (
    <>
      <Part title={`${t('settings.account')} · ${account.data.name}`} help={t('settings.accountHelp')}>
        <AccountForm account={account.data} />
      </Part>
      <Part title={t('settings.retention')} help={t('settings.retentionHelp')}>
        <RetentionForm retention={account.data.retention} />
      </Part>
      <UsersPart />
    </>
  )
}

const appearances = ['auto', 'light', 'dark'] as const
const appearanceNames: Record<MantineColorScheme, MessageKey> = {
  auto: 'app.system',
  light: 'app.light',
  dark: 'app.dark',
}

function BrowserChoices() {
  const { t, language, setLanguage } = useI18n()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const codes: Language[] = ['es', 'en']
  return (
    <div className={`${classes.box} ${classes.pair}`}>
      <div>
        <p className={classes.label}>{t('app.language')}</p>
        <SegmentedControl
          aria-label={t('app.language')}
          value={language}
          data={codes.map((value) => ({ value, label: languages[value] }))}
          onChange={setLanguage}
        />
      </div>
      <div>
        <p className={classes.label}>{t('app.appearance')}</p>
        <SegmentedControl
          aria-label={t('app.appearance')}
          value={colorScheme}
          data={appearances.map((value) => ({ value, label: t(appearanceNames[value]) }))}
          onChange={setColorScheme}
        />
      </div>
    </div>
  )
}
