import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `backup`. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .argument('<folder>', 'the folder to create; it must not exist, or be empty')
    .description('back up the data folder (embedded engines); works while the server runs')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot backup /backups/$(date +%F)'))
    .action(async (folder, options) => (await import('../backup.ts')).backupCommand(folder, options))
}
