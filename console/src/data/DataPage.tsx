import { useI18n } from '../i18n/i18n.tsx'
import { Needs, PageHeader } from '../parts/Page.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { BlockedFeed } from './BlockedFeed.tsx'
import { Faults } from './Faults.tsx'
import { Holds } from './Holds.tsx'
import { Ingestion } from './Ingestion.tsx'
import { RetentionPart } from './RetentionPart.tsx'

/** The page of data: ingestion, refusals, blocked calls, retention and holds. */
export function DataPage() {
  const { t } = useI18n()
  usePageTitle(t('data.title'))
  return (
    <Needs scope="admin" title={t('data.title')}>
      <PageHeader title={t('data.title')} help={t('data.help')} />
      <Ingestion />
      <Faults />
      <BlockedFeed />
      <RetentionPart />
      <Holds />
    </Needs>
  )
}
