import { Button, NativeSelect, Popover, SegmentedControl } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request } from '../api/client.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { failureText } from '../parts/Failure.tsx'
import { Icon } from '../parts/Icon.tsx'
import classes from './ExportMenu.module.css'
import { daysOf, filtersOf, moreMetrics, type OverviewView } from './view.ts'

const reports = ['trends', 'summary', 'campaigns', 'call-centers', 'executives', 'daily-campaigns'] as const
const formats = ['xlsx', 'csv', 'ndjson', 'parquet'] as const

type ReportName = (typeof reports)[number]
type FormatName = (typeof formats)[number]

interface Job {
  jobId: string
  status: 'queued' | 'processing' | 'completed' | 'failed'
  progress: number
  fileName?: string
  downloadUrl?: string
  error?: string
}

const pollEveryMs = 800

/** Exports the period and filters on screen as a file. */
export function ExportMenu({ view, timezone }: { view: OverviewView; timezone: string }) {
  const { t } = useI18n()
  return (
    <Popover position="bottom-end" shadow="md" width={300} trapFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<Icon name="download" size={16} />} data-screen-only>
          {t('overview.export')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="md">
        <ExportForm view={view} timezone={timezone} />
      </Popover.Dropdown>
    </Popover>
  )
}

function ExportForm({ view, timezone }: { view: OverviewView; timezone: string }) {
  const i18n = useI18n()
  const { t } = i18n
  const [report, setReport] = useState<ReportName>('trends')
  const [format, setFormat] = useState<FormatName>('xlsx')
  const start = useMutation({ mutationFn: () => startExport(view, timezone, { report, format }) })
  const job = useJob(start.data?.jobId)
  const isRunning = start.isPending || (start.data && (!job.data || ['queued', 'processing'].includes(job.data.status)))
  const error = start.error ?? job.error
  return (
    <div className={classes.exportForm}>
      <NativeSelect
        label={t('overview.report')}
        value={report}
        data={reports.map((value) => ({ value, label: t(`report.${value}`) }))}
        onChange={(event) => setReport(reports.find((name) => name === event.currentTarget.value) ?? 'trends')}
      />
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t('overview.format')}
        value={format}
        data={formats.map((value) => ({ value, label: value.toUpperCase() }))}
        onChange={setFormat}
      />
      <p className="soft">{t('overview.exportHelp')}</p>
      <Button loading={Boolean(isRunning) && !error} onClick={() => start.mutate()}>
        {t('overview.startExport')}
      </Button>
      <div aria-live="polite">
        {error && <p className={classes.fault}>{failureText(error, i18n)}</p>}
        {!error && job.data && <JobState job={job.data} />}
      </div>
    </div>
  )
}

function JobState({ job }: { job: Job }) {
  const { t } = useI18n()
  if (job.status === 'failed') {
    return <p className={classes.fault}>{t('overview.exportFailed', { reason: job.error ?? '' })}</p>
  }
  if (job.status === 'completed' && job.downloadUrl !== undefined) {
    return (
      <a className={classes.download} href={job.downloadUrl} download>
        <Icon name="download" size={16} />
        {job.fileName ?? t('overview.download')}
      </a>
    )
  }
  return <progress className={classes.progress} max={100} value={job.progress} aria-label={t('overview.progress')} />
}

function startExport(
  view: OverviewView,
  timezone: string,
  { report, format }: { report: ReportName; format: FormatName },
): Promise<{ jobId: string }> {
  const { from, to } = daysOf(view, timezone)
  return request('/v1/analytics/export', {
    method: 'POST',
    body: {
      dateFrom: from,
      dateTo: to,
      timezone,
      ...filtersOf(view),
      granularity: view.granularity,
      metrics: moreMetrics,
      report,
      format,
    },
  })
}

function useJob(id: string | undefined) {
  return useQuery({
    queryKey: ['overviewExport', id],
    queryFn: ({ signal }) => request<Job>(`/v1/analytics/export/${id}`, { signal }),
    enabled: id !== undefined,
    refetchInterval: ({ state }) =>
      state.data?.status === 'completed' || state.data?.status === 'failed' || state.error ? false : pollEveryMs,
  })
}
