import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { examples } from './cli/examples.ts'
import { reportFailure } from './cli/failure.ts'
import { addHolds, addMasterKey, addRetention } from './cli/keeping.ts'
import { addMigrateStore } from './cli/moving.ts'

/** Splits a list that is given as one word, such as `calls:read,ingest:write`. */
function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** Every command, each loaded only when it is called, so that help is instant. */
function buildProgram(): Command {
  const program = new Command('earshot')
    .description(
      'Earshot, a self-hosted call data platform: takes calls in, gives them back through five published APIs.',
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'show what a command does')
    .showHelpAfterError('(--help shows what there is)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'earshot: ')) })
    .addHelpText(
      'after',
      `
Examples:
  $ earshot serve --demo
  $ earshot keys create --account acme --scopes '*'
  $ earshot import calls.ndjson --collection calls --account acme
  $ earshot doctor

Settings come from the environment (EARSHOT_…) or from ./earshot.env; "earshot config" lists them.`,
    )
  addServing(program)
  addKeys(program)
  addAccounts(program)
  addUsers(program)
  addHolds(program)
  addMasterKey(program)
  addData(program)
  addExport(program)
  addFeed(program)
  addCare(program)
  addMigrateStore(program)
  return program
}

function addServing(program: Command): void {
  program
    .command('serve')
    .description('run the server until it is told to stop (Ctrl-C or SIGTERM)')
    .option('--demo', 'make an account "demo" with 5,000 calls of the last 30 days and print a key to try')
    .addHelpText(
      'after',
      examples('earshot serve', 'EARSHOT_PORT=9000 EARSHOT_DATA_DIR=/var/lib/earshot earshot serve'),
    )
    .action(async (options: { demo?: boolean }) => {
      const { serve } = await import('./cli/serve.ts')
      await serve({ demo: options.demo ?? false })
    })
}

function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('make, list, rotate and revoke API keys; works while the server runs')
  keys
    .command('create')
    .description('make a key, and its account when that is new; the secrets are shown this once')
    .requiredOption('--account <name>', 'the account that the key belongs to')
    .requiredOption(
      '--scopes <list>',
      'what the key may do: calls:read, analytics:read, analytics:export, ingest:write, webhooks:manage, admin, or * for everything',
      words,
    )
    .option('--name <text>', 'a name by which people know the key')
    .option('--expires <when>', 'when it ends: 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z (default: never)')
    .option('--timezone <zone>', "the account's time zone, such as America/Santiago")
    .option('--country <code>', "the account's country, such as CL: how national phone numbers are read")
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        "earshot keys create --account acme --scopes '*'",
        'earshot keys create --account acme --scopes calls:read,analytics:read --name "BI loader" --expires 90d --json',
      ),
    )
    .action(async (options) => (await import('./cli/keys.ts')).createKeyCommand(options))
  keys
    .command('list')
    .description('list keys: where they belong, what they may do, whether they still work')
    .option('--account <name>', 'only those of one account')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot keys list --account acme'))
    .action(async (options) => (await import('./cli/keys.ts')).listKeysCommand(options))
  keys
    .command('rotate')
    .argument('<id>', 'the id of the key, as "keys list" shows it')
    .description('put a new key in the place of an old one, which works on for the overlap')
    .option('--overlap <seconds>', 'how long the old key works on (default: 24 hours)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot keys rotate 3f0c… --overlap 3600'))
    .action(async (id, options) => (await import('./cli/keys.ts')).rotateKeyCommand(id, options))
  keys
    .command('revoke')
    .argument('<id>', 'the id of the key, as "keys list" shows it')
    .description('end a key and its tokens at once')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot keys revoke 3f0c…'))
    .action(async (id, options) => (await import('./cli/keys.ts')).revokeKeyCommand(id, options))
}

function addAccounts(program: Command): void {
  const accounts = program.command('accounts').description('list, disable and enable accounts')
  accounts
    .command('list')
    .description('list the accounts')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot accounts list'))
    .action(async (options) => (await import('./cli/accounts.ts')).listAccountsCommand(options))
  addRetention(accounts)
  for (const verb of ['disable', 'enable'] as const) {
    const says =
      verb === 'disable' ? 'stop every key, token and link of an account; its data stays' : 'let it work again'
    accounts
      .command(verb)
      .argument('<name>', 'the name of the account')
      .description(says)
      .option('--json', 'print one JSON object')
      .addHelpText('after', examples(`earshot accounts ${verb} acme`))
      .action(async (name, options) => (await import('./cli/accounts.ts')).switchAccountCommand(verb, name, options))
  }
}

function addUsers(program: Command): void {
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
    .action(async (email, options) => (await import('./cli/users.ts')).createUserCommand(email, options))
  users
    .command('list')
    .description('list users: what they may do and when they last signed in')
    .option('--account <name>', 'only those of one account')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot users list --account acme'))
    .action(async (options) => (await import('./cli/users.ts')).listUsersCommand(options))
  for (const verb of ['disable', 'enable'] as const) {
    users
      .command(verb)
      .argument('<email>', 'the e-mail address of the user')
      .description(verb === 'disable' ? 'end their sessions and let them sign in no more' : 'let them sign in again')
      .requiredOption('--account <name>', 'the account that they belong to')
      .option('--json', 'print one JSON object')
      .addHelpText('after', examples(`earshot users ${verb} ana@example.com --account acme`))
      .action(async (email, options) => (await import('./cli/users.ts')).switchUserCommand(verb, email, options))
  }
  users
    .command('password')
    .argument('<email>', 'the e-mail address of the user')
    .description('give a user a new password and end their sessions')
    .requiredOption('--account <name>', 'the account that they belong to')
    .option('--password-stdin', 'read the password from standard input')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot users password ana@example.com --account acme'))
    .action(async (email, options) => (await import('./cli/users.ts')).userPasswordCommand(email, options))
}

function addData(program: Command): void {
  program
    .command('demo')
    .description('make calls up and send them to the server (or into the data folder when none runs)')
    .option('--calls <number>', 'how many calls', '5000')
    .option('--days <number>', 'over how many days up to now', '30')
    .option('--seed <number>', 'another seed makes other calls', '1')
    .option('--account <name>', 'the account, made when it is new', 'demo')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('earshot demo --calls 100000 --days 90', 'earshot demo --calls 500 --days 7 --account acme --seed 7'),
    )
    .action(async (options) => (await import('./cli/demo.ts')).demoCommand(options))
  program
    .command('import')
    .argument('<file...>', 'NDJSON files, .gz allowed; - reads standard input')
    .description('send records from files, in order and in batches')
    .requiredOption('--collection <name>', 'what they are: calls, turns, evaluations, agents …')
    .requiredOption('--account <name>', 'the account that they belong to')
    .option(
      '--on-error <what>',
      'stop: send nothing more after a batch with a fault; skip: leave faulty records out',
      'stop',
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        'earshot import agents.ndjson --collection agents --account acme',
        'earshot import calls-*.ndjson.gz --collection calls --account acme --on-error skip',
      ),
    )
    .action(async (files, options) => (await import('./cli/import.ts')).importCommand(files, options))
}

function addExport(program: Command): void {
  program
    .command('export')
    .argument('<dataset>', 'what: ai-calls, calls, engagement, customer, turn, review or agent')
    .description('write the rows of a dataset and period to a file')
    .requiredOption('--account <name>', 'the account whose rows they are')
    .requiredOption('--from <date>', 'the first local day, such as 2026-05-01')
    .requiredOption('--to <date>', 'the last local day; at most 1,830 days in all')
    .requiredOption('--out <file>', 'the file to be written; - is standard output')
    .option('--format <format>', 'csv, ndjson or parquet; of ai-calls csv or xlsx (default: by the name of the file)')
    .option('--timezone <zone>', 'whose days they are and how ai-calls show times', 'UTC')
    .option('--force', 'write over a file that is there')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        'earshot export ai-calls --account acme --from 2026-05-01 --to 2026-05-31 --timezone America/Santiago --out may.xlsx',
        'earshot export turn --account acme --from 2026-05-01 --to 2026-05-31 --out turns.ndjson.gz',
        'earshot export calls --account acme --from 2026-05-03 --to 2026-05-03 --out - | duckdb -c "FROM read_csv(\'/dev/stdin\')"',
      ),
    )
    .action(async (dataset, options) => (await import('./cli/export.ts')).exportCommand(dataset, options))
}

function addFeed(program: Command): void {
  const feed = program.command('feed').description('find calls that keep the call feed waiting, and let it go on')
  feed
    .command('blocked')
    .description('list the calls that are unfinished and have not changed for long')
    .requiredOption('--account <name>', 'the account whose feed it is')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot feed blocked --account acme'))
    .action(async (options) => (await import('./cli/feed.ts')).blockedFeedCommand(options))
  feed
    .command('release')
    .description('let the feed go on past a call that will not finish: its phase becomes ERROR')
    .requiredOption('--account <name>', 'the account whose feed it is')
    .requiredOption('--call <call>', "the call's number (digits alone: the feed's callId) or its id")
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot feed release --account acme --call 14603'))
    .action(async (options) => (await import('./cli/feed.ts')).releaseFeedCommand(options))
}

function addCare(program: Command): void {
  program
    .command('config')
    .description('list every setting: its value, its default and what it means')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot config', 'EARSHOT_PORT=9000 earshot config --json'))
    .action(async (options) => (await import('./cli/config.ts')).configCommand(options))
  program
    .command('doctor')
    .description('look at everything that Earshot needs here, and say what to mend')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot doctor'))
    .action(async (options) => (await import('./cli/doctor.ts')).doctorCommand(options))
  program
    .command('backup')
    .argument('<folder>', 'the folder to be made; it must not be there, or be empty')
    .description('back the data folder up, also while the server runs (embedded engines)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot backup /backups/$(date +%F)'))
    .action(async (folder, options) => (await import('./cli/backup.ts')).backupCommand(folder, options))
  program
    .command('restore')
    .argument('<folder>', 'a folder that "earshot backup" made')
    .description('make the data folder from a backup; checks every file first')
    .option('--force', 'when the data folder is not empty, move its contents aside (into before-restore-…)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('EARSHOT_DATA_DIR=/var/lib/earshot earshot restore /backups/2026-05-03'))
    .action(async (folder, options) => (await import('./cli/backup.ts')).restoreCommand(folder, options))
  program
    .command('migrate')
    .description('bring the stores to this version without serving; "serve" does it by itself')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot migrate'))
    .action(async (options) => (await import('./cli/migrate.ts')).migrateCommand(options))
  program
    .command('version')
    .description('print the version')
    .action(() => void process.stdout.write(`${manifest.version}\n`))
}

try {
  await buildProgram().parseAsync()
} catch (error) {
  reportFailure(error)
}
