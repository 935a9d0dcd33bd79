import { Checkbox, Popover, Skeleton, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { contains } from '../parts/highlight.ts'
import { Icon } from '../parts/Icon.tsx'
import classes from './CallsPage.module.css'

interface Choice {
  value: string
  label: string
}

interface ChoiceFilterProps {
  label: string
  choices: readonly Choice[]
  chosen: readonly string[]
  /** Whether a new choice replaces the previous one. */
  isSingle?: boolean
  /** Whether choices are still loading. */
  isWaiting?: boolean
  onOpen?: () => void
  onChange: (chosen: string[]) => void
}

// A longer list gets a search field.
const searchedFrom = 12
const maxShown = 100
const waitingLines = [120, 150, 100]

/** A button with the current choice that opens a list. */
export function ChoiceFilter(props: ChoiceFilterProps) {
  const { label, choices, chosen, isSingle = false, isWaiting = false, onOpen, onChange } = props
  const { t } = useI18n()
  const [find, setFind] = useState('')
  const shown = choices.filter((choice) => contains(choice.label, find)).slice(0, maxShown)
  const toggle = (value: string, isOn: boolean) => {
    if (isSingle) onChange(isOn ? [value] : [])
    else
      onChange(
        choices.map((choice) => choice.value).filter((known) => (known === value ? isOn : chosen.includes(known))),
      )
  }
  return (
    <Popover position="bottom-start" shadow="md" width={240} trapFocus onOpen={onOpen}>
      <FilterButton label={label} value={summary(choices, chosen)} />
      <Popover.Dropdown p="xs">
        {choices.length >= searchedFrom && (
          <TextInput
            mb="xs"
            size="sm"
            aria-label={t('calls.find')}
            placeholder={t('calls.find')}
            value={find}
            onChange={(event) => setFind(event.currentTarget.value)}
          />
        )}
        <fieldset className={classes.choices} aria-busy={isWaiting || undefined}>
          <legend>{label}</legend>
          {shown.map(({ value, label: name }) => (
            <Checkbox
              key={value}
              label={name}
              checked={chosen.includes(value)}
              onChange={(event) => toggle(value, event.currentTarget.checked)}
            />
          ))}
          {isWaiting &&
            waitingLines.map((width) => <Skeleton key={width} height={12} width={width} radius="xl" my={4} />)}
          {!isWaiting && shown.length === 0 && <span className="soft">{t('app.none')}</span>}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  )
}

/** The closed filter: its name and current choice. */
export function FilterButton({ label, value }: { label: string; value: string }) {
  return (
    <Popover.Target>
      <button type="button" className={classes.filter} data-active={value !== ''}>
        {label}
        {value !== '' && <strong>{value}</strong>}
        <Icon name="chevron" size={15} />
      </button>
    </Popover.Target>
  )
}

function summary(choices: readonly Choice[], chosen: readonly string[]): string {
  const [first, ...others] = choices.filter(({ value }) => chosen.includes(value)).map(({ label }) => label)
  if (first === undefined) return ''
  return others.length === 0 ? first : `${first} +${others.length}`
}
