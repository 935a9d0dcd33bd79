import { Skeleton } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Part } from '../parts/Page.tsx'
import classes from './Data.module.css'
import { useRetention } from './dataApi.ts'

/** The retention of the account. */
export function RetentionPart() {
  const { t, count } = useI18n()
  const retention = useRetention()
  const textOf = (days: number | null) => (days === null ? t('retention.forever') : count('retention.days', days))
  return (
    <Part title={t('retention.title')} help={t('retention.help')}>
      {retention.isPending && <Skeleton height={84} radius="lg" />}
      {retention.isError && !retention.data && (
        <Failure error={retention.error} onRetry={() => void retention.refetch()} />
      )}
      {retention.data && (
        <dl className={`${classes.box} ${classes.kept} numbers`}>
          <div>
            <dt>{t('retention.recordings')}</dt>
            <dd>{textOf(retention.data.recordingsDays)}</dd>
            <dd>{t('retention.fromUpload')}</dd>
          </div>
          <div>
            <dt>{t('retention.turns')}</dt>
            <dd>{textOf(retention.data.turnsDays)}</dd>
            <dd>{t('retention.fromEnd')}</dd>
          </div>
          <div>
            <dt>{t('retention.calls')}</dt>
            <dd>{textOf(retention.data.callsDays)}</dd>
            <dd>{t('retention.fromEnd')}</dd>
          </div>
        </dl>
      )}
    </Part>
  )
}
