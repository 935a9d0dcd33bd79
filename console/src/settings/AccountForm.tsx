import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import classes from './Settings.module.css'
import { useAccountChange, type Account } from './settingsApi.ts'

/** Time zone and country of the account. */
export function AccountForm({ account }: { account: Account }) {
  const { t } = useI18n()
  const [timezone, setTimezone] = useState(account.timezone)
  const [country, setCountry] = useState(account.country ?? '')
  const change = useAccountChange()
  const zones = [...new Set([account.timezone, 'UTC', ...Intl.supportedValuesOf('timeZone')])].toSorted()
  const isSame = timezone === account.timezone && country === (account.country ?? '')
  return (
    <form
      className={classes.box}
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate({ timezone, country: country === '' ? null : country })
      }}
    >
      <div className={classes.pair}>
        <NativeSelect
          label={t('settings.timezone')}
          value={timezone}
          data={zones.map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
          onChange={(event) => setTimezone(event.currentTarget.value)}
        />
        <TextInput
          label={t('settings.country')}
          description={t('settings.countryHelp')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={country}
          maxLength={2}
          onChange={(event) => setCountry(event.currentTarget.value.toUpperCase())}
        />
      </div>
      <Refusal error={change.error} />
      <div className={classes.actions}>
        <Button type="submit" disabled={isSame} loading={change.isPending}>
          {t('settings.save')}
        </Button>
        <output>{change.isSuccess && isSame && t('settings.saved')}</output>
      </div>
    </form>
  )
}
