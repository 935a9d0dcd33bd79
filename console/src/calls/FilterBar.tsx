import { CloseButton, Loader, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Icon } from '../parts/Icon.tsx'
import { ChoiceFilter } from './ChoiceFilter.tsx'
import classes from './CallsPage.module.css'
import { NameFilter } from './NameFilter.tsx'
import { PeriodFilter } from './PeriodFilter.tsx'
import { isFiltered, withoutFilters, type CallsView } from './view.ts'

const statuses = ['active', 'completed', 'escalated', 'failed', 'abandoned']
export const channels = ['phone', 'mobile', 'widget', 'video', 'chat', 'email', 'sms', 'task']
const typingPauseMs = 250

interface FilterProps {
  view: CallsView
  onChange: (part: Partial<CallsView>, replace?: boolean) => void
}

/** The filters of the calls. */
export function FilterBar({ view, onChange }: FilterProps) {
  const { t, word } = useI18n()
  const choices = (group: string, names: readonly string[]) =>
    names.map((name) => ({ value: name, label: word(group, name) }))
  return (
    <search className={classes.filters} aria-label={t('calls.filters')}>
      <Search view={view} onChange={onChange} />
      <PeriodFilter view={view} onChange={onChange} />
      <ChoiceFilter
        label={t('calls.status')}
        choices={choices('status', statuses)}
        chosen={view.status}
        onChange={(status) => onChange({ status })}
      />
      <ChoiceFilter
        label={t('calls.channel')}
        choices={choices('channel', channels)}
        chosen={view.channel}
        onChange={(channel) => onChange({ channel })}
      />
      <NameFilter
        collection="campaigns"
        label={t('calls.campaign')}
        chosen={view.campaign}
        onChange={(campaign) => onChange({ campaign })}
      />
      <NameFilter
        collection="agents"
        label={t('calls.agent')}
        chosen={view.agent}
        onChange={(agent) => onChange({ agent })}
      />
      {isFiltered(view) && (
        <button type="button" className={classes.reset} onClick={() => onChange(withoutFilters(view))}>
          {t('calls.reset')}
        </button>
      )}
    </search>
  )
}

function Search({ view, onChange }: FilterProps) {
  const { t } = useI18n()
  const [text, setText] = useState(view.search)
  const search = useDebouncedCallback((words: string) => onChange({ search: words.trim() }, true), typingPauseMs)
  // The address also changes through saved views and the back button.
  useEffect(() => setText((typed) => (typed.trim() === view.search ? typed : view.search)), [view.search])
  // Typed, but not requested yet.
  const isWaiting = text.trim() !== view.search
  return (
    <TextInput
      className={classes.search}
      type="search"
      size="sm"
      aria-label={t('calls.searchLabel')}
      placeholder={t('calls.search')}
      value={text}
      // The key / on another page leads to the search field.
      autoFocus={asksForSearch(window.history.state)}
      aria-busy={isWaiting || undefined}
      leftSection={isWaiting ? <Loader size={14} color="var(--soft)" /> : <Icon name="search" size={16} />}
      rightSection={
        text !== '' && (
          <CloseButton
            size="sm"
            aria-label={t('calls.clearSearch')}
            onClick={() => {
              setText('')
              onChange({ search: '' }, true)
            }}
          />
        )
      }
      onChange={(event) => {
        setText(event.currentTarget.value)
        search(event.currentTarget.value)
      }}
    />
  )
}

function asksForSearch(state: unknown): boolean {
  return typeof state === 'object' && state !== null && 'focusSearch' in state
}
