import { useState } from 'react'
import { ChoiceFilter } from '../calls/ChoiceFilter.tsx'
import { channels } from '../calls/FilterBar.tsx'
import classes from '../calls/CallsPage.module.css'
import { NameFilter } from '../calls/NameFilter.tsx'
import { PeriodFilter } from '../calls/PeriodFilter.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { useWords } from './overviewApi.ts'
import { isFiltered, withoutFilters, type OverviewView } from './view.ts'

const directions = ['inbound', 'outbound']

interface FiltersProps {
  view: OverviewView
  onChange: (part: Partial<OverviewView>) => void
}

/** The filters of the figures. */
export function OverviewFilters({ view, onChange }: FiltersProps) {
  const { t, word } = useI18n()
  const choices = (group: string, names: readonly string[]) =>
    names.map((name) => ({ value: name, label: word(group, name) }))
  return (
    <search className={classes.filters} aria-label={t('calls.filters')} data-screen-only>
      <PeriodFilter view={view} takesAnyTime={false} onChange={onChange} />
      <NameFilter
        collection="campaigns"
        label={t('calls.campaign')}
        chosen={view.campaign}
        onChange={(campaign) => onChange({ campaign })}
      />
      <NameFilter
        collection="call-centers"
        label={t('field.callCenter')}
        chosen={view.callCenter}
        onChange={(callCenter) => onChange({ callCenter })}
      />
      <NameFilter
        collection="agents"
        label={t('calls.agent')}
        chosen={view.agent}
        onChange={(agent) => onChange({ agent })}
      />
      <ChoiceFilter
        label={t('calls.channel')}
        choices={choices('channel', channels)}
        chosen={view.channel}
        onChange={(channel) => onChange({ channel })}
      />
      <ChoiceFilter
        label={t('field.direction')}
        choices={choices('direction', directions)}
        chosen={view.direction}
        onChange={(direction) => onChange({ direction })}
      />
      <WordFilters view={view} onChange={onChange} />
      {isFiltered(view) && (
        <button type="button" className={classes.reset} onClick={() => onChange(withoutFilters(view))}>
          {t('calls.reset')}
        </button>
      )}
    </search>
  )
}

/** A filter by values of the calls; the values are loaded when the list opens. */
function WordFilters({ view, onChange }: FiltersProps) {
  const { t, format } = useI18n()
  const [isOpened, setIsOpened] = useState(false)
  const words = useWords(isOpened)
  return (
    <>
      <ChoiceFilter
        label={t('field.language')}
        choices={withChosen(words.data?.languages, view.language).map((tag) => ({
          value: tag,
          label: format.languageName(tag),
        }))}
        chosen={view.language}
        isWaiting={isOpened && words.isPending}
        onOpen={() => setIsOpened(true)}
        onChange={(language) => onChange({ language })}
      />
      <ChoiceFilter
        label={t('field.tags')}
        choices={withChosen(words.data?.tags, view.tag).map((tag) => ({ value: tag, label: tag }))}
        chosen={view.tag}
        isWaiting={isOpened && words.isPending}
        onOpen={() => setIsOpened(true)}
        onChange={(tag) => onChange({ tag })}
      />
    </>
  )
}

/** The list holds the current choice even before the other values are loaded. */
function withChosen(known: readonly string[] | undefined, chosen: readonly string[]): string[] {
  return [...new Set([...chosen, ...(known ?? [])])]
}
