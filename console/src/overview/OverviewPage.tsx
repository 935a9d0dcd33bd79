import { Button, Skeleton } from '@mantine/core'
import { useMemo } from 'react'
import { Redirect, useSearchParams } from 'wouter'
import { allows, useSession } from '../api/session.tsx'
import { localDay } from '../calls/period.ts'
import { sendExample } from '../calls/sendExample.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Notice } from '../parts/Notice.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { Breakdown } from './Breakdown.tsx'
import { ExportMenu } from './ExportMenu.tsx'
import { FigureCards } from './FigureCards.tsx'
import { useFigureFormats, valueOf } from './figures.ts'
import { HeatMap } from './HeatMap.tsx'
import classes from './Overview.module.css'
import { isRunning, useHeatMap, useParts, useSummary, useTrend, type Summary } from './overviewApi.ts'
import { OverviewFilters } from './OverviewFilters.tsx'
import { Panel } from './Panel.tsx'
import { Sentiment } from './Sentiment.tsx'
import { TrendPanel } from './TrendPanel.tsx'
import { addressOf, isFiltered, viewOf, withoutFilters, type OverviewView } from './view.ts'

/** The page of figures; callers without the scope for analytics start at the calls. */
export function OverviewPage() {
  return allows(useSession(), 'analytics:read') ? <Overview /> : <Redirect to="/calls" replace />
}

function Overview() {
  const { t } = useI18n()
  const session = useSession()
  const { timezone } = session.account
  const { view, change } = useOverviewView()
  const summary = useSummary(view, timezone)
  usePageTitle(t('overview.title'))
  const isEmpty = summary.data !== undefined && valueOf(summary.data, 'totalCalls') === 0
  return (
    <>
      <header className={classes.header}>
        <div>
          <h1>{t('overview.title')}</h1>
          {summary.data ? <Days summary={summary.data} /> : <p className="soft">&nbsp;</p>}
        </div>
        {allows(session, 'analytics:export') && <ExportMenu view={view} timezone={timezone} />}
      </header>
      <OverviewFilters view={view} onChange={change} />
      {summary.isError && !summary.data && <Failure error={summary.error} onRetry={() => void summary.refetch()} />}
      {isEmpty && <EmptyOverview view={view} onChange={change} />}
      {!isEmpty && !(summary.isError && !summary.data) && (
        <div className={classes.page}>
          <FigureCards
            view={view}
            summary={summary.data}
            isBusy={summary.isPlaceholderData}
            onChoose={(figure) => change({ figure })}
          />
          <Panels
            view={view}
            summary={summary.data}
            isBusy={summary.isPlaceholderData}
            timezone={timezone}
            onChange={change}
          />
        </div>
      )}
    </>
  )
}

/** The view of the address, and its setter. The back button undoes each filter. */
function useOverviewView() {
  const [address, setAddress] = useSearchParams()
  const text = address.toString()
  const view = useMemo(() => viewOf(new URLSearchParams(text)), [text])
  return { view, change: (part: Partial<OverviewView>) => setAddress(addressOf({ ...view, ...part })) }
}

function Days({ summary }: { summary: Summary }) {
  const { t, format } = useI18n()
  const formats = useFigureFormats()
  const { dateFrom, dateTo, previous } = summary
  const zone = format.timezone.replaceAll('_', ' ')
  const days = { from: formats.dayAndWeekday(dateFrom), to: formats.dayAndWeekday(dateTo), zone }
  if (!isRunning(summary)) {
    const before = { beforeFrom: formats.day(previous.dateFrom), beforeTo: formats.day(previous.dateTo) }
    return <p className="soft">{t('overview.days', { ...days, ...before })}</p>
  }
  const until = new Date(previous.dateTo)
  const before = {
    beforeFrom: formats.day(localDay(new Date(previous.dateFrom), format.timezone)),
    beforeTo: formats.day(localDay(until, format.timezone)),
    time: format.time(previous.dateTo),
  }
  return <p className="soft">{t('overview.daysSoFar', { ...days, ...before })}</p>
}

interface PanelsProps {
  view: OverviewView
  summary: Summary | undefined
  /** Whether the summary still belongs to another view. */
  isBusy: boolean
  timezone: string
  onChange: (part: Partial<OverviewView>) => void
}

function Panels({ view, summary, isBusy, timezone, onChange }: PanelsProps) {
  const { t } = useI18n()
  const trend = useTrend(view, timezone)
  const parts = useParts(view, timezone)
  const heat = useHeatMap(view, timezone)
  return (
    <>
      <TrendPanel
        view={view}
        trend={trend}
        before={t(summary && isRunning(summary) ? 'overview.samePartBefore' : 'overview.periodBefore')}
        timezone={timezone}
        onChange={onChange}
      />
      <Panel title={t('overview.sentiment')} isBusy={isBusy}>
        {summary ? <Sentiment summary={summary} /> : <Skeleton height={180} />}
      </Panel>
      <Breakdown view={view} parts={parts} onChange={onChange} />
      <Panel title={t('overview.heatMap')} className={classes.wide} isBusy={heat.isPlaceholderData}>
        {heat.isError && !heat.data && <Failure error={heat.error} onRetry={() => void heat.refetch()} />}
        {heat.isPending && <Skeleton height={230} />}
        {heat.data && <HeatMap cells={heat.data.data} />}
      </Panel>
    </>
  )
}

function EmptyOverview({ view, onChange }: Pick<PanelsProps, 'view' | 'onChange'>) {
  const { t } = useI18n()
  return (
    <Notice title={t('overview.emptyTitle')}>
      <p className="soft">{t(isFiltered(view) ? 'calls.noHitsHelp' : 'overview.emptyHelp')}</p>
      {isFiltered(view) ? (
        <Button variant="default" onClick={() => onChange(withoutFilters(view))}>
          {t('calls.reset')}
        </Button>
      ) : (
        <>
          <Button variant="default" onClick={() => onChange({ period: 'last90Days', from: '', to: '' })}>
            {t('calls.last90Days')}
          </Button>
          <pre>
            <code>{sendExample(window.location.origin)}</code>
          </pre>
        </>
      )}
    </Notice>
  )
}
