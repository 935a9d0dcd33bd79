import { Skeleton } from '@mantine/core'
import { sendExample } from '../calls/sendExample.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Notice } from '../parts/Notice.tsx'
import { Part } from '../parts/Page.tsx'
import classes from './Data.module.css'
import { useIngestion, type Received } from './dataApi.ts'
import { HourChart } from './HourChart.tsx'
import { hoursOf } from './hours.ts'

/** Received records of the last 24 hours, by hour and by collection. */
export function Ingestion() {
  const { t, count } = useI18n()
  const ingestion = useIngestion()
  const { data } = ingestion
  const total = data?.data.reduce((sum, { records }) => sum + records, 0) ?? 0
  return (
    <Part title={t('ingestion.title')} help={t('ingestion.help')}>
      {ingestion.isPending && <Skeleton height={190} radius="lg" />}
      {ingestion.isError && !data && <Failure error={ingestion.error} onRetry={() => void ingestion.refetch()} />}
      {data && total === 0 && (
        <Notice title={t('ingestion.emptyTitle')}>
          <p className="soft">{t('ingestion.emptyHelp')}</p>
          <pre>
            <code>{sendExample(window.location.origin)}</code>
          </pre>
        </Notice>
      )}
      {data && total > 0 && (
        <div className={classes.box}>
          <p className="soft numbers">{count('ingestion.total', total)}</p>
          <HourChart hours={hoursOf(data.data, data.to)} />
          <Counts received={data.data} />
        </div>
      )}
    </Part>
  )
}

function Counts({ received }: { received: readonly Received[] }) {
  const { t, word, format } = useI18n()
  return (
    <dl className={`${classes.counts} numbers`}>
      {received
        .toSorted((a, b) => b.records - a.records)
        .map(({ collection, records, lastAt }) => (
          <div key={collection}>
            <dt>{word('collection', collection)}</dt>
            <dd>{format.integer(records)}</dd>
            <dd>{t('ingestion.last', { time: format.time(lastAt) })}</dd>
          </div>
        ))}
    </dl>
  )
}
