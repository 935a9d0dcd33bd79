import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `migrate-store`. */
export function addMigrateStore(program: Command): void {
  program
    .command('migrate-store')
    .description('move an embedded data folder to ClickHouse and PostgreSQL servers')
    .requiredOption('--from <folder>', 'the data folder to move; no server may run on it')
    .option('--check', 'check both sides and print what would be moved, without moving it')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The settings (EARSHOT_…) are those of the new server: EARSHOT_CLICKHOUSE_URL and EARSHOT_DATABASE_URL name empty
databases, EARSHOT_FILES names a bucket if recordings and exports go there, and EARSHOT_DATA_DIR names the new server's
folder, which receives the master key. The command migrates the old folder to this version, then only reads it, and
compares counts and checksums of every table. An interrupted move resumes when the command runs again; the new server
starts after the move is complete.
${examples(
  'earshot migrate-store --from /var/lib/earshot --check',
  `EARSHOT_CLICKHOUSE_URL=http://default:@ch:8123/earshot EARSHOT_DATABASE_URL=postgres://earshot@pg/earshot \\
    EARSHOT_DATA_DIR=/var/lib/earshot-new earshot migrate-store --from /var/lib/earshot`,
)}`,
    )
    .action(async (options) => (await import('../migrateStore.ts')).migrateStoreCommand(options))
}
