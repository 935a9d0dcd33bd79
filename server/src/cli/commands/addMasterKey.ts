import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `master-key`. */
export function addMasterKey(program: Command): void {
  const masterKey = program
    .command('master-key')
    .description('rotate the master key, which encrypts secrets and files; works while the server runs')
  masterKey
    .command('rotate')
    .description('create a new master key and encrypt everything under it; resumes an interrupted rotation')
    .option('--drop-old', 'remove older keys that nothing uses')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot master-key rotate', 'earshot master-key rotate --drop-old'))
    .action(async (options) => (await import('../masterKey.ts')).rotateMasterKeyCommand(options))
  masterKey
    .command('show')
    .description('list the master keys by id, with the number of secrets and files under each')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot master-key show'))
    .action(async (options) => (await import('../masterKey.ts')).showMasterKeyCommand(options))
  masterKey
    .command('reset')
    .description('replace every secret that the master key does not open, when the right key is lost for good')
    .option('--yes', 'do not ask')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot master-key reset', 'earshot master-key reset --yes --json'))
    .action(async (options) => (await import('../masterKey.ts')).resetMasterKeyCommand(options))
}
