import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `doctor`. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check everything that Earshot needs, and say what to fix')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot doctor'))
    .action(async (options) => (await import('../doctor.ts')).doctorCommand(options))
}
