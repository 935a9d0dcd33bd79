import { Button, SegmentedControl } from '@mantine/core'
import { useState } from 'react'
import { useSearchParams } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Notice } from '../parts/Notice.tsx'
import page from '../parts/Page.module.css'
import { Needs, PageHeader, WaitingRows } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { KeyRow } from './KeyRow.tsx'
import { stateOf, useKeys, type NewKey } from './keysApi.ts'
import { KeySecrets } from './KeySecrets.tsx'
import { NewKeyForm } from './NewKeyForm.tsx'

/** The API keys of the account. */
export function KeysPage() {
  const { t } = useI18n()
  usePageTitle(t('keys.title'))
  return (
    <Needs scope="admin" title={t('keys.title')}>
      <Keys />
    </Needs>
  )
}

function Keys() {
  const { t } = useI18n()
  const keys = useKeys()
  const [address, setAddress] = useSearchParams()
  const [isNew, setIsNew] = useState(false)
  const [secrets, setSecrets] = useState<NewKey>()
  const showsAll = address.get('show') === 'all'
  const readAt = keys.dataUpdatedAt
  const shown = keys.data?.filter((key) => showsAll || ['active', 'replaced'].includes(stateOf(key, readAt)))
  const openForm = <Button onClick={() => setIsNew(true)}>{t('keys.new')}</Button>
  return (
    <>
      <PageHeader title={t('keys.title')} help={t('keys.help')}>
        <SegmentedControl
          size="xs"
          aria-label={t('keys.state')}
          value={showsAll ? 'all' : ''}
          onChange={(value) => setAddress(new URLSearchParams(value === '' ? {} : { show: value }))}
          data={[
            { value: '', label: t('keys.inUse') },
            { value: 'all', label: t('parts.all') },
          ]}
        />
        {openForm}
      </PageHeader>
      {keys.isPending && <WaitingRows />}
      {keys.isError && !keys.data && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {shown?.length === 0 && (
        <Notice title={t('keys.emptyTitle')}>
          <p className="soft">{t('keys.emptyHelp')}</p>
        </Notice>
      )}
      {shown && shown.length > 0 && (
        <ul className={page.rows} aria-label={t('keys.listName')}>
          {shown.map((key) => (
            <KeyRow key={key.id} apiKey={key} state={stateOf(key, readAt)} onSecrets={setSecrets} />
          ))}
        </ul>
      )}
      {isNew && <NewKeyForm onMade={setSecrets} onClose={() => setIsNew(false)} />}
      {secrets && <KeySecrets secrets={secrets} onClose={() => setSecrets(undefined)} />}
    </>
  )
}
