import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n, type I18n } from '../i18n/i18n.tsx'
import { Copied } from '../parts/Copied.tsx'
import { Dialog, Refusal } from '../parts/Dialog.tsx'
import { Icon } from '../parts/Icon.tsx'
import page from '../parts/Page.module.css'
import { State, type Tone } from '../parts/Page.tsx'
import { startCommand, stateCommand } from './curl.ts'
import classes from './Exports.module.css'
import { isUnderWay, useExportActions, type ExportBody, type ExportJob } from './exportsApi.ts'
import { filesEndAt, linksEndAt } from './lifetime.ts'

const tones: Record<ExportJob['status'], Tone> = {
  queued: 'plain',
  processing: 'busy',
  completed: 'good',
  failed: 'bad',
  cancelled: 'off',
}

/** An export as read at `readAt` (milliseconds since 1970): its content, progress and actions. */
export function ExportRow({ job, readAt }: { job: ExportJob; readAt: number }) {
  const i18n = useI18n()
  const { t, word } = i18n
  const name = job.datasets.map((dataset) => word('dataset', dataset)).join(', ')
  const format = [word('format', job.format), job.compression === 'gzip' ? 'gzip' : ''].filter(Boolean).join(' · ')
  return (
    <li className={page.row}>
      <div className={page.main}>
        <div className={page.title}>
          <strong>{name}</strong>
          <span className={page.word}>{format}</span>
        </div>
        <div className={page.facts}>
          {job.request && <span className="numbers">{periodText(job.request, i18n)}</span>}
          <span className="numbers">{t('exports.started', { time: i18n.format.dayAndTime(job.createdAt) })}</span>
          {job.surface !== 'export-jobs' && (
            <span>{t('exports.by', { surface: word('exportSurface', job.surface) })}</span>
          )}
        </div>
      </div>
      <State tone={tones[job.status]}>{t(`exportState.${job.status}`)}</State>
      <RowActions job={job} name={name} />
      <div className={page.below}>
        {isUnderWay(job) && <Progress job={job} name={name} />}
        {job.status === 'failed' && (
          <p className={classes.reason}>{t('exports.failedWhy', { reason: job.error ?? '' })}</p>
        )}
        {job.status === 'completed' && <Files job={job} readAt={readAt} />}
      </div>
    </li>
  )
}

function periodText({ dateFrom, dateTo, from, to }: ExportBody, { format }: I18n): string {
  if (dateFrom !== undefined && dateTo !== undefined) {
    return [...new Set([dateFrom, dateTo])].map(format.localDay).join(' – ')
  }
  return [from, to].map((instant) => (instant === undefined ? '' : format.dayAndTime(instant))).join(' – ')
}

function Progress({ job, name }: { job: ExportJob; name: string }) {
  const { t, format } = useI18n()
  const place = job.queuePosition
  return (
    <div className={classes.progress}>
      <progress value={job.progress} max={100} aria-label={t('exports.progress', { name })} />
      <span className="numbers soft">
        {place === null
          ? format.percent(job.progress)
          : place === 1
            ? t('exports.next')
            : t('exports.queue', { place: format.integer(place) })}
      </span>
    </div>
  )
}

function Files({ job, readAt }: { job: ExportJob; readAt: number }) {
  const { t, count, format } = useI18n()
  if (linksEndAt(job) <= readAt) return <p className="soft">{t('exports.linksEnded')}</p>
  return (
    <>
      <ul className={classes.files}>
        {job.files.map(({ name, bytes, rowCount, downloadUrl }) => (
          <li key={name}>
            <a href={downloadUrl} download={name}>
              <Icon name="download" size={16} />
              {name}
            </a>
            <span className={`${page.facts} numbers`}>
              <span>{count('exports.rows', rowCount)}</span>
              {job.truncated === true && job.totalRows !== null && (
                <span>{t('exports.truncated', { total: format.integer(job.totalRows) })}</span>
              )}
              <span>{format.bytes(bytes)}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className={`${page.facts} numbers`}>
        {t('exports.kept', { time: format.dayAndTime(new Date(filesEndAt(job)).toISOString()) })}
      </p>
    </>
  )
}

function RowActions({ job, name }: { job: ExportJob; name: string }) {
  const { t } = useI18n()
  const { start, cancel } = useExportActions()
  const cancelling = useMutation({ mutationFn: () => cancel(job.exportId) })
  const retrying = useMutation({ mutationFn: (body: ExportBody) => start(body) })
  const [showsCurl, setShowsCurl] = useState(false)
  const { request } = job
  return (
    <div className={page.actions}>
      {isUnderWay(job) && (
        <Button
          variant="default"
          size="compact-md"
          loading={cancelling.isPending}
          aria-label={t('exports.cancelOf', { name })}
          onClick={() => cancelling.mutate()}
        >
          {t('exports.cancel')}
        </Button>
      )}
      {!isUnderWay(job) && request && (
        <Button
          variant="default"
          size="compact-md"
          loading={retrying.isPending}
          aria-label={t('exports.retryOf', { name })}
          onClick={() => retrying.mutate(request)}
        >
          {t('exports.retry')}
        </Button>
      )}
      {request && (
        <Button
          variant="subtle"
          size="compact-md"
          aria-label={t('exports.curlOf', { name })}
          onClick={() => setShowsCurl(true)}
        >
          curl
        </Button>
      )}
      <Refusal error={cancelling.error ?? retrying.error} />
      {showsCurl && request && (
        <Dialog title={t('parts.curl')} onClose={() => setShowsCurl(false)} width="42rem">
          <Copied name={t('exports.curlHelp')} text={startCommand(window.location.origin, request)} />
          <Copied name={t('exports.curlThen')} text={stateCommand(window.location.origin, job.exportId)} />
        </Dialog>
      )}
    </div>
  )
}
