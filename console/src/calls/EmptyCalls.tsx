import { Button } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Notice } from '../parts/Notice.tsx'
import { sendExample } from './sendExample.ts'
import { isFiltered, withoutFilters, type CallsView } from './view.ts'

/** The notice for an empty list, with the next step. */
export function EmptyCalls({ view, onChange }: { view: CallsView; onChange: (part: Partial<CallsView>) => void }) {
  const { t } = useI18n()
  if (isFiltered(view)) {
    return (
      <Notice title={t('calls.noHitsTitle')}>
        <p className="soft">{t('calls.noHitsHelp')}</p>
        <Button variant="default" onClick={() => onChange(withoutFilters(view))}>
          {t('calls.reset')}
        </Button>
      </Notice>
    )
  }
  return (
    <Notice title={t('calls.emptyTitle')}>
      <p className="soft">{t('calls.emptyHelp')}</p>
      <pre>
        <code>{sendExample(window.location.origin)}</code>
      </pre>
    </Notice>
  )
}
