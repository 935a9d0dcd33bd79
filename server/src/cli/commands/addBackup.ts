import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `backup`. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .argument('<folder>', 'the folder to be made; it must not be there, or be empty')
    .description('back the data folder up, also while the server runs (embedded engines)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot backup /backups/$(date +%F)'))
    .action(async (folder, options) => (await import('../backup.ts')).backupCommand(folder, options))
}
