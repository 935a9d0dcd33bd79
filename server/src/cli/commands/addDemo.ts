import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `demo`. */
export function addDemo(program: Command): void {
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
    .action(async (options) => (await import('../demo.ts')).demoCommand(options))
}
