import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `master-key`. */
export function addMasterKey(program: Command): void {
  const masterKey = program
    .command('master-key')
    .description('change the master key under which secrets and files are encrypted; works while the server runs')
  masterKey
    .command('rotate')
    .description('make a new master key and put everything under it; goes on where an earlier rotation broke off')
    .option('--drop-old', 'forget the older keys instead, once nothing is under them')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot master-key rotate', 'earshot master-key rotate --drop-old'))
    .action(async (options) => (await import('../masterKey.ts')).rotateMasterKeyCommand(options))
  masterKey
    .command('show')
    .description('list the master keys by id, and how much is under each')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot master-key show'))
    .action(async (options) => (await import('../masterKey.ts')).showMasterKeyCommand(options))
}
