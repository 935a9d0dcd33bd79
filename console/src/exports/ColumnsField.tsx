import { Button, Checkbox } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import page from '../parts/Page.module.css'

interface ColumnsFieldProps {
  columns: readonly { name: string; description: string }[]
  /** Undefined for all. */
  chosen: readonly string[] | undefined
  onChange: (chosen: string[] | undefined) => void
}

/** The columns of a file; collapsed, because usually all are wanted. */
export function ColumnsField({ columns, chosen, onChange }: ColumnsFieldProps) {
  const { t, format } = useI18n()
  const count = format.integer(columns.length)
  const toggle = (name: string, isOn: boolean) => {
    const names = columns.map((column) => column.name)
    const kept = names.filter((known) => (known === name ? isOn : (chosen?.includes(known) ?? true)))
    onChange(kept.length === names.length ? undefined : kept)
  }
  return (
    <details className={page.more}>
      <summary>
        {chosen
          ? t('exports.columnsSome', { chosen: format.integer(chosen.length), count })
          : t('exports.columns', { count })}
      </summary>
      <fieldset className={page.choices}>
        <legend>
          {t('exports.columnsLegend')}
          <Button variant="subtle" size="compact-sm" ml="xs" onClick={() => onChange(undefined)}>
            {t('exports.columnsAll')}
          </Button>
          <Button variant="subtle" size="compact-sm" onClick={() => onChange([])}>
            {t('exports.columnsNone')}
          </Button>
        </legend>
        {columns.map(({ name, description }) => (
          <Checkbox
            key={name}
            size="xs"
            label={name}
            title={description}
            checked={chosen?.includes(name) ?? true}
            onChange={(event) => toggle(name, event.currentTarget.checked)}
          />
        ))}
      </fieldset>
    </details>
  )
}
