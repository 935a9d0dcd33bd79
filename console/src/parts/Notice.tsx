import type { ReactNode } from 'react'
import classes from './parts.module.css'

/** What is said where there is nothing to show: why, and the next step. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.notice}>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
