import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `restore`. */
export function addRestore(program: Command): void {
  program
    .command('restore')
    .argument('<folder>', 'a folder that "earshot backup" created')
    .description('create the data folder from a backup; checks every file first')
    .option('--force', 'if the data folder is not empty, move its contents to before-restore-…')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('EARSHOT_DATA_DIR=/var/lib/earshot earshot restore /backups/2026-05-03'))
    .action(async (folder, options) => (await import('../restore.ts')).restoreCommand(folder, options))
}
