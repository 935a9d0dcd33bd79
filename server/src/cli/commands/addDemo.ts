import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `demo`. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('generate sample calls and send them to the server, or to the data folder if no server runs')
    .option('--calls <number>', 'number of calls', '5000')
    .option('--days <number>', 'number of days up to now', '30')
    .option('--seed <number>', 'seed of the generator', '1')
    .option('--account <name>', 'the account; created if it is new', 'demo')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples('earshot demo --calls 100000 --days 90', 'earshot demo --calls 500 --days 7 --account acme --seed 7'),
    )
    .action(async (options) => (await import('../demo.ts')).demoCommand(options))
}
