import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `migrate-store`. */
export function addMigrateStore(program: Command): void {
  program
    .command('migrate-store')
    .description('move an embedded data folder to ClickHouse and PostgreSQL on servers')
    .requiredOption('--from <folder>', 'the data folder that is moved; no server may run on it')
    .option('--check', 'look at both sides and say what would be moved, but move nothing')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The settings (EARSHOT_…) are those that the new server will have: EARSHOT_CLICKHOUSE_URL and EARSHOT_DATABASE_URL name
empty databases, EARSHOT_FILES a bucket if recordings and exports are to lie there, and EARSHOT_DATA_DIR the new server's
own folder, which gets the master key. The folder is brought to this version and then only read; counts and checksums of
every table are compared. Whatever ends the command, running it again goes on; the new server starts once it is through.
${examples(
  'earshot migrate-store --from /var/lib/earshot --check',
  `EARSHOT_CLICKHOUSE_URL=http://default:@ch:8123/earshot EARSHOT_DATABASE_URL=postgres://earshot@pg/earshot \\
    EARSHOT_DATA_DIR=/var/lib/earshot-new earshot migrate-store --from /var/lib/earshot`,
)}`,
    )
    .action(async (options) => (await import('../migrateStore.ts')).migrateStoreCommand(options))
}
