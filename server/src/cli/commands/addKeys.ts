import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `keys`: API keys of every account. */
export function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('create, list, rotate and revoke API keys; works while the server runs')
  keys
    .command('create')
    .description('create a key, and its account if it is new; the secrets are shown only once')
    .requiredOption('--account <name>', 'the account of the key')
    .requiredOption(
      '--scopes <list>',
      'what the key may do: calls:read, analytics:read, analytics:export, ingest:write, webhooks:manage, admin, or * for everything',
      words,
    )
    .option('--name <text>', 'a name for the key')
    .option('--expires <when>', 'when the key expires: 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z (default: never)')
    .option('--timezone <zone>', "the account's time zone, such as America/Santiago")
    .option('--country <code>', "the account's country, such as CL; national phone numbers are read as its numbers")
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      examples(
        "earshot keys create --account acme --scopes '*'",
        'earshot keys create --account acme --scopes calls:read,analytics:read --name "BI loader" --expires 90d --json',
      ),
    )
    .action(async (options) => (await import('../keys.ts')).createKeyCommand(options))
  keys
    .command('list')
    .description('list keys with their account, scopes and state')
    .option('--account <name>', 'only this account')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot keys list --account acme'))
    .action(async (options) => (await import('../keys.ts')).listKeysCommand(options))
  keys
    .command('rotate')
    .argument('<id>', 'the id of the key, as "keys list" shows it')
    .description('replace a key; the old key keeps working for the overlap')
    .option('--overlap <seconds>', 'how long the old key keeps working (default: 24 hours)')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot keys rotate 3f0c… --overlap 3600'))
    .action(async (id, options) => (await import('../keys.ts')).rotateKeyCommand(id, options))
  keys
    .command('revoke')
    .argument('<id>', 'the id of the key, as "keys list" shows it')
    .description('revoke a key and its tokens at once')
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot keys revoke 3f0c…'))
    .action(async (id, options) => (await import('../keys.ts')).revokeKeyCommand(id, options))
}

/** Splits a list that is given as one word, such as `calls:read,ingest:write`. */
function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
