import { ActionIcon } from '@mantine/core'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { allows, useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Icon } from '../parts/Icon.tsx'
import { AccountMenu } from './AccountMenu.tsx'
import { Brand } from './Brand.tsx'
import { pages } from './pageList.ts'
import classes from './Shell.module.css'
import { Shortcuts } from './Shortcuts.tsx'

/** The frame around every page: navigation, account, shortcuts. On a phone the navigation opens from a bar at the top. */
export function Shell({ onSignedOut, children }: { onSignedOut: () => void; children: ReactNode }) {
  const { t } = useI18n()
  const [isOpen, setIsOpen] = useState(false)
  const [showsShortcuts, setShowsShortcuts] = useState(false)
  const [path] = useLocation()
  const content = useRef<HTMLElement>(null)
  useEffect(() => {
    setIsOpen(false)
  }, [path])
  return (
    <div className={classes.shell}>
      <a
        className={classes.skip}
        href="#content"
        onClick={(event) => {
          event.preventDefault()
          content.current?.focus()
        }}
      >
        {t('app.skip')}
      </a>
      <header className={classes.bar}>
        <Brand />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={t(isOpen ? 'app.close' : 'app.menu')}
          aria-expanded={isOpen}
          aria-controls="navigation"
          onClick={() => setIsOpen(!isOpen)}
        >
          <Icon name={isOpen ? 'close' : 'menu'} size={22} />
        </ActionIcon>
      </header>
      <div id="navigation" className={classes.side} data-open={isOpen}>
        <header className={classes.brand}>
          <Brand />
        </header>
        <Navigation />
        <section className={classes.accountPlace} aria-label={t('app.account')}>
          <AccountMenu onSignedOut={onSignedOut} onShortcuts={() => setShowsShortcuts(true)} />
        </section>
      </div>
      <main id="content" ref={content} tabIndex={-1} className={classes.content}>
        {children}
      </main>
      <Shortcuts isOpen={showsShortcuts} setIsOpen={setShowsShortcuts} />
    </div>
  )
}

function Navigation() {
  const { t } = useI18n()
  const session = useSession()
  const [path] = useLocation()
  return (
    <nav aria-label={t('nav.label')} className={classes.nav}>
      {pages.map(({ path: target, navigation }) => {
        if (!navigation || (navigation.scope && !allows(session, navigation.scope))) return null
        const isHere = path === target || path.startsWith(`${target}/`)
        return (
          <Link key={target} href={target} className={classes.link} aria-current={isHere ? 'page' : undefined}>
            <Icon name={navigation.icon} />
            {t(navigation.label)}
          </Link>
        )
      })}
    </nav>
  )
}
