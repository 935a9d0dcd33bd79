import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import page from '../parts/Page.module.css'
import { Needs, PageHeader, Part, State } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { BlockedCallsPart } from './BlockedCallsPart.tsx'
import classes from './Health.module.css'
import { refreshEverySeconds, troublesOf, useHealth, type Health } from './healthApi.ts'
import { useSpans } from './spans.ts'

/** The state of the server, and what waits or failed in the account. */
export function HealthPage() {
  const { t } = useI18n()
  usePageTitle(t('health.title'))
  return (
    <Needs scope="admin" title={t('health.title')}>
      <HealthOfServer />
    </Needs>
  )
}

function HealthOfServer() {
  const { t } = useI18n()
  const health = useHealth()
  return (
    <>
      <PageHeader title={t('health.title')}>
        {health.data && !health.isError && <Verdict health={health.data} />}
      </PageHeader>
      {health.isError && <Failure error={health.error} onRetry={() => void health.refetch()} />}
      {health.isPending && <Skeleton height={320} radius="lg" />}
      {health.data && !health.isError && <Cards health={health.data} />}
      {health.data && <JobsPart jobs={health.data.jobs} />}
      <BlockedCallsPart />
      <Note>{t('health.live', { seconds: refreshEverySeconds })}</Note>
    </>
  )
}

function Verdict({ health }: { health: Health }) {
  const { t } = useI18n()
  const { postgres, clickhouse } = health.engines
  const isDown = postgres !== 'ok' || clickhouse !== 'ok'
  const isWell = !isDown && !Object.values(troublesOf(health)).includes(true)
  const trouble = isDown ? 'bad' : 'warning'
  return <State tone={isWell ? 'good' : trouble}>{t(isWell ? 'health.allWell' : 'health.attention')}</State>
}

function Cards({ health }: { health: Health }) {
  const { t, format } = useI18n()
  const spans = useSpans()
  const { engines, ingestion, webhooks, disk } = health
  const troubles = troublesOf(health)
  const late = (seconds: number) => (seconds === 0 ? '–' : spans.time(seconds))
  return (
    <div className={classes.cards}>
      <Card title={t('health.engines')} isTroubled={false}>
        <Line name={t('health.postgres')} value={<Engine state={engines.postgres} />} />
        <Line name={t('health.clickhouse')} value={<Engine state={engines.clickhouse} />} />
        <Note>{t('health.version', { version: health.version, time: spans.time(health.uptimeSeconds) })}</Note>
      </Card>
      <Card title={t('health.ingestion')} isTroubled={troubles.ingestion}>
        <Line name={t('health.openBatches')} value={format.integer(ingestion.openBatches)} />
        <Line name={t('health.oldest')} value={late(ingestion.oldestSeconds)} />
        <Line name={t('health.daysBehind')} value={format.integer(health.totalsDaysBehind)} />
        <Note>{t('health.ingestionHelp')}</Note>
      </Card>
      <Card title={t('health.webhooks')} isTroubled={troubles.webhooks || troubles.exports}>
        <Line name={t('health.pending')} value={format.integer(webhooks.pending)} />
        <Line name={t('health.late')} value={late(webhooks.oldestDueSeconds)} />
        <Line name={t('health.failedDay')} value={format.integer(webhooks.failed)} />
        <Line name={t('health.exports')} value={format.integer(health.exports.failed)} />
        <Line name={t('health.endpointsDisabled')} value={format.integer(webhooks.endpointsDisabled)} />
      </Card>
      <Card title={t('health.disk')} isTroubled={troubles.disk}>
        <Line
          name={t('health.diskFree')}
          value={t('health.diskOf', { free: spans.bytes(disk.freeBytes), total: spans.bytes(disk.totalBytes) })}
        />
        <Line name={t('health.diskKept')} value={spans.bytes(disk.keptFreeBytes)} />
        <Line name={t('health.memory')} value={spans.bytes(health.memoryBytes)} />
      </Card>
    </div>
  )
}

function Card({ title, isTroubled, children }: { title: string; isTroubled: boolean; children: ReactNode }) {
  const { t } = useI18n()
  return (
    <section className={classes.card}>
      <header>
        <h2>{title}</h2>
        {isTroubled && <State tone="warning">{t('health.attention')}</State>}
      </header>
      {children}
    </section>
  )
}

function Line({ name, value }: { name: string; value: ReactNode }) {
  return (
    <p className={classes.line}>
      <span className="soft">{name}</span> <span className="numbers">{value}</span>
    </p>
  )
}

function Note({ children }: { children: ReactNode }) {
  return <p className={`soft ${classes.note}`}>{children}</p>
}

function Engine({ state }: { state: 'ok' | 'unavailable' }) {
  const { t } = useI18n()
  return <State tone={state === 'ok' ? 'good' : 'bad'}>{t(`health.${state}`)}</State>
}

function JobsPart({ jobs }: { jobs: Health['jobs'] }) {
  const { t, word, format } = useI18n()
  const spans = useSpans()
  return (
    <Part title={t('health.jobs')}>
      {jobs.length === 0 && <p className="soft">{t('health.noJobs')}</p>}
      {jobs.length > 0 && (
        <ul className={page.rows} aria-label={t('health.jobs')}>
          {jobs.map((job) => (
            <li key={job.kind}>
              <div className={page.title}>
                <strong>{word('health.job', job.kind)}</strong>
                {job.failing > 0 && (
                  <State tone="warning">
                    {t('health.failing')}: {format.integer(job.failing)}
                  </State>
                )}
              </div>
              <div className={`numbers ${page.facts}`}>
                <span>
                  {t('health.waiting')}: {format.integer(job.waiting)}
                </span>
                <span>
                  {t('health.running')}: {format.integer(job.running)}
                </span>
                {job.oldestWaitingSeconds > 0 && (
                  <span>
                    {t('health.oldest')}: {spans.time(job.oldestWaitingSeconds)}
                  </span>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Part>
  )
}
