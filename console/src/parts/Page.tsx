import { Skeleton } from '@mantine/core'
import { useId, type ReactNode } from 'react'
import { allows, useSession, type Scope } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Notice } from './Notice.tsx'
import classes from './Page.module.css'

/** The head of a page: title, description and actions. */
export function PageHeader({ title, help, children }: { title: string; help?: string; children?: ReactNode }) {
  return (
    <header className={classes.header}>
      <h1>{title}</h1>
      {children !== undefined && <div className={classes.tools}>{children}</div>}
      {help !== undefined && <p className="soft">{help}</p>}
    </header>
  )
}

/** A titled part of a page. */
export function Part({ title, help, tools, children }: PartProps) {
  const id = useId()
  return (
    <section className={classes.section} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools !== undefined && <div className={classes.tools}>{tools}</div>}
        {help !== undefined && <p className="soft">{help}</p>}
      </header>
      {children}
    </section>
  )
}

interface PartProps {
  title: string
  help?: string
  tools?: ReactNode
  children: ReactNode
}

export type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'off' | 'plain'

/** A state: a word, and a dot whose colour repeats it. */
export function State({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.state} data-tone={tone}>
      <span className={classes.dot} aria-hidden="true" />
      {children}
    </span>
  )
}

/** Placeholders for loading lines. */
export function WaitingRows({ count = 4 }: { count?: number }) {
  const { t } = useI18n()
  return (
    <ul className={classes.rows} aria-busy="true" aria-label={t('app.loading')}>
      {Array.from({ length: count }, (_, row) => (
        <li key={row}>
          <div>
            <Skeleton height={12} width={180} radius="xl" />
            <Skeleton height={10} width={280} maw="100%" radius="xl" mt={12} />
          </div>
        </li>
      ))}
    </ul>
  )
}

/** Shows a page to callers with the scope, and names the missing scope to others. */
export function Needs({ scope, title, children }: { scope: Scope; title: string; children: ReactNode }) {
  const { t } = useI18n()
  if (allows(useSession(), scope)) return children
  return (
    <>
      <h1>{title}</h1>
      <Notice title={t('parts.needsTitle')}>
        <p className="soft">{t('parts.needsHelp', { scope })}</p>
      </Notice>
    </>
  )
}
