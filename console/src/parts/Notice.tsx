import type { ReactNode } from 'react'
import classes from './parts.module.css'

/** A notice for an empty place, with the reason and the next step. */
export function Notice({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={classes.notice}>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
