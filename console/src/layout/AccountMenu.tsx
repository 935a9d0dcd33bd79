import { Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { signOut, useSession } from '../api/session.tsx'
import { languages, useI18n, type Language } from '../i18n/i18n.tsx'
import type { MessageKey } from '../i18n/en.ts'
import { Icon } from '../parts/Icon.tsx'
import classes from './Shell.module.css'

const appearances: Record<MantineColorScheme, MessageKey> = {
  auto: 'app.system',
  light: 'app.light',
  dark: 'app.dark',
}

/** The menu of the account and user: language, appearance and sign-out. */
export function AccountMenu({ onSignedOut, onShortcuts }: { onSignedOut: () => void; onShortcuts: () => void }) {
  const { t, word } = useI18n()
  const { account, subject } = useSession()
  const role = word('role', subject.role ?? 'key')
  return (
    <Menu position="top-start" width={232} shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <button type="button" className={classes.account}>
          <span className={classes.initial} aria-hidden="true">
            {account.name.slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.accountText}>
            <strong>{account.name}</strong>
            <span className="soft">{subject.kind === 'key' ? `${role} · ${subject.name}` : subject.name}</span>
          </span>
          <Icon name="chevron" size={16} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('app.language')}</Menu.Label>
        <LanguageItems />
        <Menu.Label>{t('app.appearance')}</Menu.Label>
        <AppearanceItems />
        <Menu.Divider />
        <Menu.Item component="a" href="/docs" target="_blank" leftSection={<Icon name="book" />}>
          {t('app.documents')}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="keyboard" />} onClick={onShortcuts}>
          {t('app.shortcuts')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<Icon name="signOut" />}
          // The browser discards its data even if the request fails.
          onClick={() => void signOut().finally(onSignedOut)}
        >
          {t('app.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function LanguageItems() {
  const { language, setLanguage } = useI18n()
  const codes: Language[] = ['es', 'en']
  return codes.map((code) => (
    <Menu.RadioItem
      key={code}
      lang={code}
      value={code}
      checked={language === code}
      closeMenuOnClick
      onChange={() => setLanguage(code)}
    >
      {languages[code]}
    </Menu.RadioItem>
  ))
}

function AppearanceItems() {
  const { t } = useI18n()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const schemes: MantineColorScheme[] = ['auto', 'light', 'dark']
  return schemes.map((scheme) => (
    <Menu.RadioItem
      key={scheme}
      value={scheme}
      checked={colorScheme === scheme}
      onChange={() => setColorScheme(scheme)}
    >
      {t(appearances[scheme])}
    </Menu.RadioItem>
  ))
}
