import { parseTimeZone } from '../../domain/period.ts'
import { AppError } from '../../errors.ts'

/** An account as users see it. */
export interface Account {
  id: number
  name: string
  /** The two ids that the call feed and the JWTs show. */
  accountUuid: string
  contextUuid: string
  /** IANA name; times without an offset are read and shown in it. */
  timezone: string
  /** ISO 3166 alpha-2, or null when it is unknown. */
  country: string | null
  /** Retention in days; null keeps data for ever. */
  retention: Retention
  disabledAt: Date | null
  createdAt: Date
}

/** Recordings count from their upload, calls and turns from the end of the call. */
export interface Retention {
  recordingsDays: number | null
  callsDays: number | null
  turnsDays: number | null
}

export interface AccountSettings {
  timezone?: string
  country?: string | null
  retention?: Partial<Retention>
}

export interface AccountRow {
  id: number
  name: string
  account_uuid: string
  context_uuid: string
  timezone: string
  country: string | null
  retention_recordings_days: number | null
  retention_calls_days: number | null
  retention_turns_days: number | null
  disabled_at: Date | null
  created_at: Date
}

export function accountFrom(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    accountUuid: row.account_uuid,
    contextUuid: row.context_uuid,
    timezone: row.timezone,
    country: row.country,
    retention: {
      recordingsDays: row.retention_recordings_days,
      callsDays: row.retention_calls_days,
      turnsDays: row.retention_turns_days,
    },
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
  }
}

/** Returns the settings with the canonical name of the time zone; refuses an unknown zone or country. */
export function checkedSettings(settings: AccountSettings): AccountSettings {
  const { timezone, country, retention } = settings
  if (country !== undefined && country !== null && !isCountry(country)) {
    refuse('country', 'must be a country code of ISO 3166 such as CL or US')
  }
  for (const [name, days] of Object.entries(retention ?? {})) {
    if (days !== null && days !== undefined && (!Number.isInteger(days) || days < 1 || days > maxRetentionDays)) {
      refuse(
        `retention.${name}`,
        `must be a whole number of days from 1 to ${maxRetentionDays}, or null to keep for ever`,
      )
    }
  }
  return { timezone: timezone === undefined ? undefined : parseTimeZone(timezone), country, retention }
}

export const maxRetentionDays = 36_500

/** Refuses an account name that is empty, padded or too long. */
export function checkAccountName(name: string): void {
  if (name !== name.trim() || name.length < 1 || name.length > 200) {
    refuse('account', 'must have 1 to 200 characters, without spaces at either end')
  }
}

function refuse(field: string, message: string): never {
  throw new AppError('VALIDATION_ERROR', `${field} ${message}.`, { details: [{ field, message }] })
}

const countryNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' })

function isCountry(code: string): boolean {
  return /^[A-Z]{2}$/.test(code) && code !== 'ZZ' && countryNames.of(code) !== undefined
}
