import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `import`. */
export function addImport(program: Command): void {
  program
    .command('import')
    .argument('<file...>', 'NDJSON files, .gz allowed; - reads standard input')
    .description('send records from files, in order and in batches')
    .requiredOption('--collection <name>', 'the collection: calls, turns, evaluations, agents …')
    .requiredOption('--account <name>', 'the account')
    .option(
      '--on-error <what>',
      'stop: send nothing after a batch with an invalid record; skip: omit invalid records',
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
    .action(async (files, options) => (await import('../import.ts')).importCommand(files, options))
}
