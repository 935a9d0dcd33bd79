import { counted } from '../domain/amounts.ts'
import { maxRetentionDays } from '../features/accounts/account.ts'
import { systemControl } from '../features/accounts/controlContext.ts'
import { disableAccount } from '../features/accounts/disableAccount.ts'
import { enableAccount } from '../features/accounts/enableAccount.ts'
import { listAccounts } from '../features/accounts/listAccounts.ts'
import { updateAccount } from '../features/accounts/updateAccount.ts'
import { CommandError } from './failure.ts'
import { wholeNumber } from './options.ts'
import { print, printJson, printTable, showTime } from './output.ts'
import { withControl } from './withControl.ts'

export async function listAccountsCommand(options: { json?: boolean }): Promise<void> {
  const accounts = await withControl(listAccounts)
  if (options.json) return printJson(accounts)
  printTable(
    ['NAME', 'STATE', 'TIME ZONE', 'COUNTRY', 'MADE (UTC)', 'ACCOUNT ID', 'CONTEXT ID'],
    accounts.map((account) => [
      account.name,
      account.disabledAt ? 'disabled' : 'works',
      account.timezone,
      account.country ?? '–',
      showTime(account.createdAt),
      account.accountUuid,
      account.contextUuid,
    ]),
  )
}

export async function switchAccountCommand(
  verb: 'disable' | 'enable',
  name: string,
  options: { json?: boolean },
): Promise<void> {
  await withControl((control) => (verb === 'disable' ? disableAccount : enableAccount)(control, { name }))
  if (options.json) return printJson({ account: name, disabled: verb === 'disable' })
  print(
    verb === 'disable'
      ? `The account ${name} is disabled: its keys, tokens and links no longer work; its data stays.`
      : `The account ${name} is enabled.`,
  )
}

interface RetentionOptions {
  recordings?: string
  calls?: string
  turns?: string
  json?: boolean
}

/** Shows the retention of an account, and changes the given values. */
export async function retentionCommand(name: string, options: RetentionOptions): Promise<void> {
  const { retention } = await withControl(async (control) => {
    const account = (await listAccounts(control)).find((entry) => entry.name === name)
    if (!account) throw new CommandError('There is no account of this name; "earshot accounts list" shows all.')
    return updateAccount(systemControl(control, account.id), {
      retention: {
        recordingsDays: daysOf('--recordings', options.recordings),
        callsDays: daysOf('--calls', options.calls),
        turnsDays: daysOf('--turns', options.turns),
      },
    })
  })
  if (options.json) return printJson({ account: name, retention })
  printTable(
    ['WHAT', 'KEPT'],
    Object.entries(retention).map(([what, days]) => [
      what.replace('Days', ''),
      days === null ? 'forever' : counted(days, 'day'),
    ]),
  )
}

/** Days, null for `forever`, undefined if the option is not given. */
function daysOf(option: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  return text === 'forever' ? null : wholeNumber(option, text, { from: 1, to: maxRetentionDays })
}
