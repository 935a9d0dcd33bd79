import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useSession } from '../api/session.tsx'
import { useNames } from '../calls/callsApi.ts'
import { boundsOf, periodNames } from '../calls/period.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { Copied } from '../parts/Copied.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import { Failure } from '../parts/Failure.tsx'
import page from '../parts/Page.module.css'
import { WaitingRows } from '../parts/Page.tsx'
import { ColumnsField } from './ColumnsField.tsx'
import { startCommand } from './curl.ts'
import { bodyOf, firstDraft, isOfCalls, withDataset, type Draft } from './draft.ts'
import { useDatasets, useExportActions, type DatasetSchema } from './exportsApi.ts'

/** The form that starts an export. */
export function NewExport({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const datasets = useDatasets()
  return (
    <Dialog title={t('exports.new')} onClose={onClose} width="42rem">
      {datasets.isPending && <WaitingRows />}
      {datasets.isError && <Failure error={datasets.error} onRetry={() => void datasets.refetch()} />}
      {datasets.data && <ExportForm datasets={datasets.data} onClose={onClose} />}
    </Dialog>
  )
}

function ExportForm({ datasets, onClose }: { datasets: DatasetSchema[]; onClose: () => void }) {
  const { t } = useI18n()
  const { account } = useSession()
  const { start } = useExportActions()
  const [draft, setDraft] = useState<Draft>(firstDraft)
  const days = boundsOf(draft, account.timezone)
  const body = bodyOf(draft, days, account.timezone)
  const starting = useMutation({ mutationFn: () => start(body), onSuccess: onClose })
  const change = (part: Partial<Draft>) => setDraft({ ...draft, ...part })
  const dataset = datasets.find(({ name }) => name === draft.dataset)
  return (
    <form
      className={page.form}
      onSubmit={(event) => {
        event.preventDefault()
        starting.mutate()
      }}
    >
      <WhatFields datasets={datasets} draft={draft} setDraft={setDraft} />
      <PeriodFields draft={draft} days={days} onChange={change} />
      {isOfCalls(draft.dataset) ? (
        <CallFilters draft={draft} onChange={change} />
      ) : (
        <TextInput
          label={t('exports.contact')}
          description={t('exports.contactHelp')}
          value={draft.contact}
          onChange={(event) => change({ contact: event.currentTarget.value })}
        />
      )}
      {dataset && (
        <ColumnsField
          key={dataset.name}
          columns={dataset.columns}
          chosen={draft.columns}
          onChange={(columns) => change({ columns })}
        />
      )}
      <details className={page.more}>
        <summary>{t('parts.curl')}</summary>
        <Copied name={t('exports.curlHelp')} text={startCommand(window.location.origin, body)} />
      </details>
      <Refusal error={starting.error} />
      <Actions>
        <Button variant="default" onClick={onClose}>
          {t('parts.back')}
        </Button>
        <Button type="submit" loading={starting.isPending} disabled={draft.columns?.length === 0}>
          {t('exports.start')}
        </Button>
      </Actions>
    </form>
  )
}

interface WhatFieldsProps {
  datasets: DatasetSchema[]
  draft: Draft
  setDraft: (draft: Draft) => void
}

function WhatFields({ datasets, draft, setDraft }: WhatFieldsProps) {
  const { t, word } = useI18n()
  const formats = datasets.find(({ name }) => name === draft.dataset)?.formats ?? []
  return (
    <>
      <NativeSelect
        label={t('exports.dataset')}
        description={word('datasetHelp', draft.dataset)}
        inputWrapperOrder={['label', 'input', 'description']}
        value={draft.dataset}
        data={datasets.map(({ name }) => ({ value: name, label: word('dataset', name) }))}
        onChange={(event) => {
          const chosen = datasets.find(({ name }) => name === event.currentTarget.value)
          if (chosen) setDraft(withDataset(draft, chosen))
        }}
      />
      <div className={page.pair}>
        <NativeSelect
          label={t('exports.format')}
          value={draft.format}
          data={formats.map((name) => ({ value: name, label: word('format', name) }))}
          onChange={(event) => setDraft({ ...draft, format: event.currentTarget.value })}
        />
        <NativeSelect
          label={t('exports.compression')}
          value={draft.compression}
          data={['none', 'gzip'].map((name) => ({ value: name, label: word('compression', name) }))}
          onChange={(event) => setDraft({ ...draft, compression: event.currentTarget.value })}
        />
      </div>
    </>
  )
}

interface FieldsProps {
  draft: Draft
  onChange: (part: Partial<Draft>) => void
}

function PeriodFields({ draft, days, onChange }: FieldsProps & { days: { from: string; to: string } }) {
  const { t, format } = useI18n()
  return (
    <>
      <NativeSelect
        label={t('exports.period')}
        description={t('exports.periodHelp', { zone: format.timezone.replaceAll('_', ' ') })}
        inputWrapperOrder={['label', 'input', 'description']}
        value={draft.period}
        data={[
          ...periodNames.map((name) => ({ value: name, label: t(`calls.${name}`) })),
          { value: 'custom', label: t('calls.customPeriod') },
        ]}
        onChange={(event) => onChange({ period: event.currentTarget.value, ...days })}
      />
      <div className={page.pair}>
        <TextInput
          type="date"
          label={t('calls.from')}
          value={days.from}
          max={days.to}
          required
          withAsterisk={false}
          onChange={(event) => onChange({ ...days, period: 'custom', from: event.currentTarget.value })}
        />
        <TextInput
          type="date"
          label={t('calls.to')}
          value={days.to}
          min={days.from}
          required
          withAsterisk={false}
          onChange={(event) => onChange({ ...days, period: 'custom', to: event.currentTarget.value })}
        />
      </div>
    </>
  )
}

function CallFilters({ draft, onChange }: FieldsProps) {
  const { t } = useI18n()
  const campaigns = useNames('campaigns', true)
  const states = ['evaluated', 'notEvaluated', 'pending', 'processing', 'failed'] as const
  return (
    <div className={page.pair}>
      <NativeSelect
        label={t('exports.campaign')}
        value={draft.campaign}
        data={[
          { value: '', label: t('exports.campaignAny') },
          ...(campaigns.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onChange={(event) => onChange({ campaign: event.currentTarget.value })}
      />
      <NativeSelect
        label={t('exports.evaluation')}
        value={draft.evaluation}
        data={[
          { value: '', label: t('exports.evaluationAny') },
          ...states.map((state) => ({ value: state, label: t(`evaluation.${state}`) })),
        ]}
        onChange={(event) => onChange({ evaluation: event.currentTarget.value })}
      />
    </div>
  )
}
