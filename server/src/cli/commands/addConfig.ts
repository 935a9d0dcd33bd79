import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `config`. */
export function addConfig(program: Command): void {
  program
    .command('config')
    .description('list every setting with its value, default and meaning')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot config', 'EARSHOT_PORT=9000 earshot config --json'))
    .action(async (options) => (await import('../config.ts')).configCommand(options))
}
