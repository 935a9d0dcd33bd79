import { Button } from '@mantine/core'
import { ApiError } from '../api/client.ts'
import { useI18n, type I18n } from '../i18n/i18n.tsx'
import classes from './parts.module.css'

/** A failure with its remedy and a retry button. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const i18n = useI18n()
  return (
    <div className={classes.notice} role="alert">
      <h2>{i18n.t('error.title')}</h2>
      <p className="soft">{failureText(error, i18n)}</p>
      {onRetry && (
        <Button variant="default" onClick={onRetry}>
          {i18n.t('error.retry')}
        </Button>
      )}
    </div>
  )
}

/** The text of a failure, with its remedy. */
export function failureText(error: unknown, { t }: I18n): string {
  if (!(error instanceof ApiError)) return t('error.server')
  if (error.status === 0) return t('error.unreachable')
  if (error.status === 403) return t('error.forbidden')
  if (error.status === 404) return t('error.missing')
  if (error.status === 429) return t('error.rate', { seconds: error.retryAfterSeconds ?? 60 })
  return error.status < 500 ? t('error.refused', { message: error.message }) : t('error.server')
}
