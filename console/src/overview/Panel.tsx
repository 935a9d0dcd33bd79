import { useId, type ReactNode } from 'react'
import classes from './Overview.module.css'

interface PanelProps {
  title: string
  /** Its controls. */
  tools?: ReactNode
  isBusy?: boolean
  className?: string | undefined
  children: ReactNode
}

/** A titled box of the overview. */
export function Panel({ title, tools, isBusy = false, className = '', children }: PanelProps) {
  const id = useId()
  return (
    <section className={`${classes.panel} ${className}`} aria-labelledby={id} aria-busy={isBusy}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools !== undefined && (
          <div className={classes.tools} data-screen-only>
            {tools}
          </div>
        )}
      </header>
      {children}
    </section>
  )
}
