import { useState } from 'react'
import { useNames, type NamedCollection } from './callsApi.ts'
import { ChoiceFilter } from './ChoiceFilter.tsx'

interface NameFilterProps {
  collection: NamedCollection
  label: string
  chosen: string
  onChange: (id: string) => void
}

/** One of the account's agents, campaigns or call centres; they are asked for when somebody looks. */
export function NameFilter({ collection, label, chosen, onChange }: NameFilterProps) {
  const [isOpened, setIsOpened] = useState(false)
  const names = useNames(collection, isOpened || chosen !== '')
  const choices = (names.data ?? []).map(({ id, name }) => ({ value: id, label: name }))
  const isUnknown = chosen !== '' && !choices.some(({ value }) => value === chosen)
  return (
    <ChoiceFilter
      label={label}
      isSingle
      isWaiting={isOpened && names.isPending}
      choices={isUnknown ? [{ value: chosen, label: chosen }, ...choices] : choices}
      chosen={chosen === '' ? [] : [chosen]}
      onOpen={() => setIsOpened(true)}
      onChange={([id]) => onChange(id ?? '')}
    />
  )
}
