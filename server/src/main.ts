import { Command } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { reportFailure } from './cli/failure.ts'
import { addAccounts } from './cli/commands/addAccounts.ts'
import { addBackup } from './cli/commands/addBackup.ts'
import { addConfig } from './cli/commands/addConfig.ts'
import { addDemo } from './cli/commands/addDemo.ts'
import { addDoctor } from './cli/commands/addDoctor.ts'
import { addExport } from './cli/commands/addExport.ts'
import { addFeed } from './cli/commands/addFeed.ts'
import { addHolds } from './cli/commands/addHolds.ts'
import { addImport } from './cli/commands/addImport.ts'
import { addKeys } from './cli/commands/addKeys.ts'
import { addMasterKey } from './cli/commands/addMasterKey.ts'
import { addMigrate } from './cli/commands/addMigrate.ts'
import { addMigrateStore } from './cli/commands/addMigrateStore.ts'
import { addRestore } from './cli/commands/addRestore.ts'
import { addServe } from './cli/commands/addServe.ts'
import { addUsers } from './cli/commands/addUsers.ts'

/** Every command, each loaded only when it is called, so that help is instant. */
function buildProgram(): Command {
  const program = new Command('earshot')
    .description(
      'Earshot, a self-hosted call data platform. It stores calls and serves them through five published APIs.',
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(use --help for usage)')
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
  addServe(program)
  addKeys(program)
  addAccounts(program)
  addUsers(program)
  addHolds(program)
  addMasterKey(program)
  addDemo(program)
  addImport(program)
  addExport(program)
  addFeed(program)
  addConfig(program)
  addDoctor(program)
  addBackup(program)
  addRestore(program)
  addMigrate(program)
  addMigrateStore(program)
  program
    .command('version')
    .description('print the version')
    .action(() => void process.stdout.write(`${manifest.version}\n`))
  return program
}

try {
  await buildProgram().parseAsync()
} catch (error) {
  reportFailure(error)
}
