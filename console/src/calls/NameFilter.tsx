import { useState } from 'react'
import { useNames, type NamedCollection } from './callsApi.ts'
import { ChoiceFilter } from './ChoiceFilter.tsx'

interface NameFilterProps {
  collection: NamedCollection
  label: string
  chosen: string
  onChange: (id: string) => void
}

/** A filter by agent, campaign or call centre; the names are loaded when the list opens. */
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
