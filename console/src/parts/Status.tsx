import { useI18n } from '../i18n/i18n.tsx'
import classes from './parts.module.css'

/** A call's status: a word, and a dot whose colour repeats it. */
export function Status({ status }: { status: string }) {
  const { word } = useI18n()
  return (
    <span className={classes.status} data-status={status}>
      <span className={classes.dot} aria-hidden="true" />
      {word('status', status)}
    </span>
  )
}
