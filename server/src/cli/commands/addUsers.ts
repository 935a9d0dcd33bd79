import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `users`: people who sign in to the console. */
export function addUsers(program: Command): void {
  const users = program.command('users').description('make, list, disable and enable people who sign in to the console')
  users
    .command('create')
    .argument('<email>', 'the e-mail address that they sign in with')
    .description('make a user; a password is made up and shown this once, unless it comes on standard input')
    .requiredOption('--account <name>', 'the account that they belong to')
    .requiredOption('--role <role>', 'viewer (looks and listens), analyst (takes away too) or admin (everything)')
    .option('--name <text>', 'how people call them')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('earshot users create ana@example.com --account acme --role analyst --name "Ana Soto"'),
    )
    .action(async (email, options) => (await import('../users.ts')).createUserCommand(email, options))
  users
    .command('list')
    .description('list users: what they may do and when they last signed in')
    .option('--account <name>', 'only those of one account')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot users list --account acme'))
    .action(async (options) => (await import('../users.ts')).listUsersCommand(options))
  for (const verb of ['disable', 'enable'] as const) {
    users
      .command(verb)
      .argument('<email>', 'the e-mail address of the user')
      .description(verb === 'disable' ? 'end their sessions and let them sign in no more' : 'let them sign in again')
      .requiredOption('--account <name>', 'the account that they belong to')
      .option('--json', 'print one JSON object')
      .addHelpText('after', examples(`earshot users ${verb} ana@example.com --account acme`))
      .action(async (email, options) => (await import('../users.ts')).switchUserCommand(verb, email, options))
  }
  users
    .command('password')
    .argument('<email>', 'the e-mail address of the user')
    .description('give a user a new password and end their sessions')
    .requiredOption('--account <name>', 'the account that they belong to')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot users password ana@example.com --account acme'))
    .action(async (email, options) => (await import('../users.ts')).userPasswordCommand(email, options))
}
