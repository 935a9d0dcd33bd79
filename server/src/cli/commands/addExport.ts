import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `export`. */
export function addExport(program: Command): void {
  program
    .command('export')
    .argument('<dataset>', 'ai-calls, calls, engagement, customer, turn, review or agent')
    .description('write the rows of a dataset and period to a file')
    .requiredOption('--account <name>', 'the account')
    .requiredOption('--from <date>', 'the first local day, such as 2026-05-01')
    .requiredOption('--to <date>', 'the last local day; at most 1,830 days in all')
    .requiredOption('--out <file>', 'the file to write; - is standard output')
    .option(
      '--format <format>',
      'csv, ndjson or parquet; for ai-calls csv or xlsx (default: from the name of the file)',
    )
    .option('--timezone <zone>', 'time zone of the days, and of the times in ai-calls', 'UTC')
    .option('--force', 'overwrite an existing file')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        'earshot export ai-calls --account acme --from 2026-05-01 --to 2026-05-31 --timezone America/Santiago --out may.xlsx',
        'earshot export turn --account acme --from 2026-05-01 --to 2026-05-31 --out turns.ndjson.gz',
        'earshot export calls --account acme --from 2026-05-03 --to 2026-05-03 --out - | duckdb -c "FROM read_csv(\'/dev/stdin\')"',
      ),
    )
    .action(async (dataset, options) => (await import('../export.ts')).exportCommand(dataset, options))
}
