import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import {
  accountFrom,
  checkedSettings,
  type Account,
  type AccountRow,
  type AccountSettings,
  type Retention,
} from './account.ts'
import { recordAudit } from './recordAudit.ts'
import { type ControlContext, requireControlScope } from './controlContext.ts'

/** Changes the given settings and returns the account. */
export async function updateAccount(context: ControlContext, input: AccountSettings): Promise<Account> {
  requireControlScope(context, 'admin')
  const settings = checkedSettings(input)
  return context.ports.postgres.transaction((tx) => changeSettings(tx, context, settings))
}

/** Changes the settings in the caller's transaction; unchanged values do not appear in the audit log. */
export async function changeSettings(tx: Queryable, context: ControlContext, input: AccountSettings): Promise<Account> {
  const row = await tx.first<AccountRow>(sql`
    SELECT *
    FROM accounts
    WHERE id = ${context.accountId}
    FOR UPDATE`)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such account.')
  const account = accountFrom(row)
  const timezone = input.timezone ?? account.timezone
  const country = input.country === undefined ? account.country : input.country
  const retention = { ...account.retention, ...withoutUndefined(input.retention ?? {}) }
  const isKept = isDeepStrictEqual(retention, account.retention)
  if (timezone === account.timezone && country === account.country && isKept) return account
  await tx.run(sql`
    UPDATE accounts
    SET timezone = ${timezone},
        country = ${country},
        retention_recordings_days = ${retention.recordingsDays},
        retention_calls_days = ${retention.callsDays},
        retention_turns_days = ${retention.turnsDays}
    WHERE id = ${context.accountId}`)
  await recordAudit(tx, context, {
    action: 'account.updated',
    subject: 'account',
    details: { timezone, country, ...(isKept ? {} : { retention }) },
  })
  return { ...account, timezone, country, retention }
}

function withoutUndefined(given: Partial<Retention>): Partial<Retention> {
  return Object.fromEntries(Object.entries(given).filter(([, days]) => days !== undefined))
}
