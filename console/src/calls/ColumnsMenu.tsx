import { Button, Checkbox, Popover } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Icon } from '../parts/Icon.tsx'
import classes from './CallsPage.module.css'
import { columns, type Column } from './view.ts'

/** The menu of the table's columns; at least one stays. */
export function ColumnsMenu({ chosen, onChange }: { chosen: Column[]; onChange: (columns: Column[]) => void }) {
  const { t } = useI18n()
  return (
    <Popover position="bottom-end" shadow="md" width={220} trapFocus>
      <Popover.Target>
        <Button variant="default" size="sm" leftSection={<Icon name="columns" size={16} />}>
          {t('calls.columns')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <fieldset className={classes.choices}>
          <legend>{t('calls.columns')}</legend>
          {columns.map((column) => {
            const isOn = chosen.includes(column)
            return (
              <Checkbox
                key={column}
                label={t(`column.${column}`)}
                checked={isOn}
                disabled={isOn && chosen.length === 1}
                onChange={() =>
                  onChange(columns.filter((known) => (known === column ? !isOn : chosen.includes(known))))
                }
              />
            )
          })}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  )
}
