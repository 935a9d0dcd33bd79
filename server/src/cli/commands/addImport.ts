import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `import`. */
export function addImport(program: Command): void {
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
    .action(async (files, options) => (await import('../import.ts')).importCommand(files, options))
}
