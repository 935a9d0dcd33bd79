import { useId, useLayoutEffect, useRef, type CSSProperties, type ReactNode } from 'react'
import { ApiError } from '../api/client.ts'
import { useI18n } from '../i18n/i18n.tsx'
import classes from './Dialog.module.css'
import { failureText } from './Failure.tsx'
import { Icon } from './Icon.tsx'

interface DialogProps {
  title: string
  onClose: () => void
  /** As in CSS; 34rem by default. */
  width?: string
  children: ReactNode
}

/** A modal dialog; it is open while it is mounted. */
export function Dialog({ title, onClose, width = '34rem', children }: DialogProps) {
  const { t } = useI18n()
  const id = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  // Closed before its elements are removed, so that the focus returns to the previous element.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    shown?.querySelector<HTMLElement>(`.${classes.body} :is(input, select, textarea)`)?.focus()
    return () => shown?.close()
  }, [])
  const style: CSSProperties & Record<'--dialog-width', string> = { '--dialog-width': width }
  return (
    <dialog
      ref={dialog}
      className={classes.dialog}
      style={style}
      aria-labelledby={id}
      onCancel={(event) => {
        // The parent closes it.
        event.preventDefault()
        onClose()
      }}
    >
      <header className={classes.header}>
        <h2 id={id}>{title}</h2>
        <button type="button" aria-label={t('app.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className={classes.body}>{children}</div>
    </dialog>
  )
}

/** The buttons at the end of a dialog. */
export function Actions({ children }: { children: ReactNode }) {
  return <div className={classes.actions}>{children}</div>
}

/** The failure of an action; empty without an error. `missing` is the text for a missing object. */
export function Refusal({ error, missing }: { error: unknown; missing?: string }) {
  const i18n = useI18n()
  const isMissing = error instanceof ApiError && error.status === 404
  return (
    <div role="alert">
      {error !== null && error !== undefined && (
        <p className={classes.refusal}>{isMissing && missing !== undefined ? missing : failureText(error, i18n)}</p>
      )}
    </div>
  )
}
