import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `feed`: calls that block the call feed. */
export function addFeed(program: Command): void {
  const feed = program.command('feed').description('find calls that keep the call feed waiting, and let it go on')
  feed
    .command('blocked')
    .description('list the calls that are unfinished and have not changed for long')
    .requiredOption('--account <name>', 'the account whose feed it is')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot feed blocked --account acme'))
    .action(async (options) => (await import('../feed.ts')).blockedFeedCommand(options))
  feed
    .command('release')
    .description('let the feed go on past a call that will not finish: its phase becomes ERROR')
    .requiredOption('--account <name>', 'the account whose feed it is')
    .requiredOption('--call <call>', "the call's number (digits alone: the feed's callId) or its id")
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot feed release --account acme --call 14603'))
    .action(async (options) => (await import('../feed.ts')).releaseFeedCommand(options))
}
