import { SegmentedControl, Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { figureNamed, useFigureFormats, valueOf } from './figures.ts'
import classes from './Overview.module.css'
import type { Bucket } from './overviewApi.ts'
import { Panel } from './Panel.tsx'
import { TrendChart, type TrendPoint } from './TrendChart.tsx'
import { granularities, hasBegun, type OverviewView } from './view.ts'

interface ShownTrend {
  view: OverviewView
  /** The name of the other line. */
  before: string
  timezone: string
}

interface TrendProps extends ShownTrend {
  trend: UseQueryResult<{ data: Bucket[] }>
  onChange: (part: Partial<OverviewView>) => void
}

/** The chosen figure over time, with the previous period. */
export function TrendPanel({ view, before, timezone, trend, onChange }: TrendProps) {
  const { t } = useI18n()
  const name = t(`figure.${view.figure}`)
  return (
    <Panel
      title={t('overview.trendOf', { name })}
      isBusy={trend.isPlaceholderData}
      tools={
        <SegmentedControl
          size="xs"
          aria-label={t('overview.granularity')}
          value={view.granularity}
          data={granularities.map((value) => ({ value, label: t(`overview.${value}`) }))}
          onChange={(granularity) => onChange({ granularity })}
        />
      }
    >
      {trend.isError && !trend.data && <Failure error={trend.error} onRetry={() => void trend.refetch()} />}
      {trend.isPending && <Skeleton height={250} />}
      {trend.data && <Trend view={view} before={before} timezone={timezone} buckets={trend.data.data} name={name} />}
    </Panel>
  )
}

function Trend({ view, before, timezone, buckets, name }: ShownTrend & { buckets: Bucket[]; name: string }) {
  const { t } = useI18n()
  const formats = useFigureFormats()
  const write = (value: number | null) => formats.value(view.figure, value)
  const nameDay = (date: string) => (view.granularity === 'monthly' ? formats.month(date) : formats.dayAndWeekday(date))
  const pointBefore = ({ partial, previous }: Bucket): TrendPoint['before'] => {
    // A whole day is not compared with several: the counterpart of a month's last day is the rest of a longer month.
    if (previous === null || (previous.partial && !partial)) return null
    return { name: nameDay(previous.date), value: valueOf(previous, view.figure) }
  }
  // Future days are hidden, unless the period has no others.
  const begun = buckets.filter(({ date }) => hasBegun(date, timezone))
  const points: TrendPoint[] = (begun.length > 0 ? begun : buckets).map((bucket) => ({
    name: nameDay(bucket.date),
    tick: view.granularity === 'monthly' ? formats.month(bucket.date) : formats.day(bucket.date),
    isPartial: bucket.partial,
    value: valueOf(bucket, view.figure),
    before: pointBefore(bucket),
  }))
  return (
    <>
      <p className={classes.legend} aria-hidden="true">
        <span data-line="now">{t('overview.thisPeriod')}</span>
        <span data-line="before">{before}</span>
      </p>
      <TrendChart
        kind={figureNamed(view.figure).kind}
        label={t('overview.trendOf', { name })}
        points={points}
        write={write}
      />
      <details className={classes.asTable} data-screen-only>
        <summary>{t('overview.asTable')}</summary>
        <TrendTable points={points} name={name} before={before} write={write} />
      </details>
    </>
  )
}

interface TableProps {
  points: readonly TrendPoint[]
  name: string
  before: string
  write: (value: number | null) => string
}

function TrendTable({ points, name, before, write }: TableProps) {
  const { t } = useI18n()
  return (
    <section aria-label={t('overview.tableOf', { name })}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t('calls.period')}</th>
            <th scope="col" className={classes.number}>
              {name}
            </th>
            <th scope="col" className={classes.number}>
              {before}
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.name}>
              <th scope="row">
                {point.name}
                {point.isPartial && <span className="soft"> · {t('overview.partial')}</span>}
              </th>
              <td className={classes.number}>{write(point.value)}</td>
              <td className={classes.number}>{write(point.before?.value ?? null)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
