import { Button, SegmentedControl } from '@mantine/core'
import { useSearchParams } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Notice } from '../parts/Notice.tsx'
import page from '../parts/Page.module.css'
import { Needs, PageHeader, WaitingRows } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { ExportRow } from './ExportRow.tsx'
import { isUnderWay, useExports, type ExportJob } from './exportsApi.ts'
import { NewExport } from './NewExport.tsx'

/** The filters of the list, by their word in the address. */
const states = {
  running: isUnderWay,
  completed: ({ status }: ExportJob) => status === 'completed',
  failed: ({ status }: ExportJob) => status === 'failed',
}

/** The exports of the account, and the form for a new one. */
export function ExportsPage() {
  const { t } = useI18n()
  usePageTitle(t('exports.title'))
  return (
    <Needs scope="analytics:export" title={t('exports.title')}>
      <Exports />
    </Needs>
  )
}

function Exports() {
  const { t } = useI18n()
  const exports = useExports()
  const [address, setAddress] = useSearchParams()
  const state = address.get('state') ?? ''
  const setParameter = (name: string, value: string) =>
    setAddress((before) => {
      const after = new URLSearchParams(before)
      if (value === '') after.delete(name)
      else after.set(name, value)
      return after
    })
  const shown = exports.data?.filter((job) => !isState(state) || states[state](job))
  const hasAny = exports.data !== undefined && exports.data.length > 0
  const openForm = <Button onClick={() => setParameter('new', 'yes')}>{t('exports.new')}</Button>
  return (
    <>
      <PageHeader title={t('exports.title')} help={t('exports.help')}>
        {hasAny && <StateFilter state={state} onChange={(next) => setParameter('state', next)} />}
        {hasAny && openForm}
      </PageHeader>
      {exports.isPending && <WaitingRows />}
      {exports.isError && !exports.data && <Failure error={exports.error} onRetry={() => void exports.refetch()} />}
      {exports.data && !hasAny && (
        <Notice title={t('exports.emptyTitle')}>
          <p className="soft">{t('exports.emptyHelp')}</p>
          {openForm}
        </Notice>
      )}
      {hasAny && shown?.length === 0 && (
        <Notice title={t('exports.noneTitle')}>
          <p className="soft">{t('exports.noneHelp')}</p>
        </Notice>
      )}
      {shown && shown.length > 0 && (
        <ul className={page.rows} aria-label={t('exports.listName')}>
          {shown.map((job) => (
            <ExportRow key={job.exportId} job={job} readAt={exports.dataUpdatedAt} />
          ))}
        </ul>
      )}
      {address.get('new') !== null && <NewExport onClose={() => setParameter('new', '')} />}
    </>
  )
}

function StateFilter({ state, onChange }: { state: string; onChange: (state: string) => void }) {
  const { t } = useI18n()
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('exports.state')}
      value={isState(state) ? state : ''}
      onChange={onChange}
      data={[
        { value: '', label: t('parts.all') },
        { value: 'running', label: t('exportState.processing') },
        { value: 'completed', label: t('exportState.completed') },
        { value: 'failed', label: t('exportState.failed') },
      ]}
    />
  )
}

function isState(text: string): text is keyof typeof states {
  return text in states
}
