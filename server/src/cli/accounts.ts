import { disableAccount } from '../features/accounts/disableAccount.ts'
import { enableAccount } from '../features/accounts/enableAccount.ts'
import { listAccounts } from '../features/accounts/listAccounts.ts'
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
      : `The account ${name} works again.`,
  )
}
