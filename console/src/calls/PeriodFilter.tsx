import { Popover, Radio, TextInput } from '@mantine/core'
import { useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { FilterButton } from './ChoiceFilter.tsx'
import classes from './CallsPage.module.css'
import { boundsOf, isPeriodName, periodNames, type ChosenPeriod } from './period.ts'

interface PeriodFilterProps {
  view: ChosenPeriod
  /** Whether the period is optional. */
  takesAnyTime?: boolean
  onChange: (part: ChosenPeriod) => void
}

/** The filter by days, in the account's time zone. */
export function PeriodFilter({ view, takesAnyTime = true, onChange }: PeriodFilterProps) {
  const { t } = useI18n()
  const { account } = useSession()
  const bounds = boundsOf(view, account.timezone)
  const choose = (period: string) =>
    onChange(period === 'custom' ? { period, ...bounds } : { period, from: '', to: '' })
  const setDays = (days: Partial<ChosenPeriod>) => onChange({ period: 'custom', ...bounds, ...days })
  return (
    <Popover position="bottom-start" shadow="md" width={330} trapFocus>
      <FilterButton label={t('calls.period')} value={useSummary(view)} />
      <Popover.Dropdown p="xs">
        <fieldset className={classes.choices}>
          <legend>{t('calls.period')}</legend>
          {takesAnyTime && (
            <Radio name="period" label={t('calls.anyTime')} checked={view.period === ''} onChange={() => choose('')} />
          )}
          {periodNames.map((name) => (
            <Radio
              key={name}
              name="period"
              label={t(`calls.${name}`)}
              checked={view.period === name}
              onChange={() => choose(name)}
            />
          ))}
          <Radio
            name="period"
            label={t('calls.customPeriod')}
            checked={view.period === 'custom'}
            onChange={() => choose('custom')}
          />
        </fieldset>
        <div className={classes.days}>
          <TextInput
            type="date"
            size="sm"
            label={t('calls.from')}
            value={bounds.from}
            max={bounds.to}
            onChange={(event) => setDays({ from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            size="sm"
            label={t('calls.to')}
            value={bounds.to}
            min={bounds.from}
            onChange={(event) => setDays({ to: event.currentTarget.value })}
          />
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function useSummary({ period, from, to }: ChosenPeriod): string {
  const { t } = useI18n()
  if (isPeriodName(period)) return t(`calls.${period}`)
  return period === 'custom' && (from !== '' || to !== '') ? `${from || '…'} – ${to || '…'}` : ''
}
