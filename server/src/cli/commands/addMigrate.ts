import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `migrate`. */
export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('migrate the stores to this version without serving; "serve" also does this')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot migrate'))
    .action(async (options) => (await import('../migrate.ts')).migrateCommand(options))
}
