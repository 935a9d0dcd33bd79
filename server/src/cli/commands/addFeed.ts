import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `feed`: calls that block the call feed. */
export function addFeed(program: Command): void {
  const feed = program.command('feed').description('list and release calls that block the call feed')
  feed
    .command('blocked')
    .description('list unfinished calls that have not changed for a long time')
    .requiredOption('--account <name>', 'the account of the feed')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('earshot feed blocked --account acme'))
    .action(async (options) => (await import('../feed.ts')).blockedFeedCommand(options))
  feed
    .command('release')
    .description('set the phase of an unfinished call to ERROR, so that the feed continues')
    .requiredOption('--account <name>', 'the account of the feed')
    .requiredOption('--call <call>', "the call's number (digits alone: the feed's callId) or its id")
    .option('--json', 'print one JSON object')
    .addHelpText('after', examples('earshot feed release --account acme --call 14603'))
    .action(async (options) => (await import('../feed.ts')).releaseFeedCommand(options))
}
