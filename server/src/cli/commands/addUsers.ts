import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `users`: people who sign in to the console. */
export function addUsers(program: Command): void {
  const users = program.command('users').description('create, list, disable and enable users of the console')
  users
    .command('create')
    .argument('<email>', 'the e-mail address for sign-in')
    .description('create a user; a generated password is shown only once, unless --password-stdin gives one')
    .requiredOption('--account <name>', 'the account')
    .requiredOption(
      '--role <role>',
      'viewer (reads and listens), analyst (also exports and reviews) or admin (everything)',
    )
    .option('--name <text>', 'the name that the console shows')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('earshot users create ana@example.com --account acme --role analyst --name "Ana Soto"'),
    )
    .action(async (email, options) => (await import('../users.ts')).createUserCommand(email, options))
  users
    .command('list')
    .description('list users with their role and last sign-in')
    .option('--account <name>', 'only this account')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot users list --account acme'))
    .action(async (options) => (await import('../users.ts')).listUsersCommand(options))
  for (const verb of ['disable', 'enable'] as const) {
    users
      .command(verb)
      .argument('<email>', 'the e-mail address of the user')
      .description(verb === 'disable' ? 'disable a user and end their sessions' : 'enable a disabled user')
      .requiredOption('--account <name>', 'the account')
      .option('--json', 'print one JSON object')
      .addHelpText('after', examples(`earshot users ${verb} ana@example.com --account acme`))
      .action(async (email, options) => (await import('../users.ts')).switchUserCommand(verb, email, options))
  }
  users
    .command('password')
    .argument('<email>', 'the e-mail address of the user')
    .description('set a new password for a user and end their sessions')
    .requiredOption('--account <name>', 'the account')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot users password ana@example.com --account acme'))
    .action(async (email, options) => (await import('../users.ts')).userPasswordCommand(email, options))
}
