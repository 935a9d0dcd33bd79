import type { Command } from 'commander'
import { examples } from '../examples.ts'
import { addRetention } from './addRetention.ts'

/** Adds `accounts`. */
export function addAccounts(program: Command): void {
  const accounts = program.command('accounts').description('list, disable and enable accounts')
  accounts
    .command('list')
    .description('list the accounts')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot accounts list'))
    .action(async (options) => (await import('../accounts.ts')).listAccountsCommand(options))
  addRetention(accounts)
  for (const verb of ['disable', 'enable'] as const) {
    const says =
      verb === 'disable'
        ? 'disable every key, token and link of an account; its data stays'
        : 'enable a disabled account'
    accounts
      .command(verb)
      .argument('<name>', 'the name of the account')
      .description(says)
      .option('--json', 'print one JSON object')
      .addHelpText('after', examples(`earshot accounts ${verb} acme`))
      .action(async (name, options) => (await import('../accounts.ts')).switchAccountCommand(verb, name, options))
  }
}
