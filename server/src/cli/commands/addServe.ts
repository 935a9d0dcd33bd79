import type { Command } from 'commander'
import { examples } from '../examples.ts'

/** Adds `serve`. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the server until Ctrl-C or SIGTERM stops it')
    .option('--demo', 'create the account "demo" with 5,000 sample calls of the last 30 days, and print its API key')
    .addHelpText(
      'after',
      examples('earshot serve', 'EARSHOT_PORT=9000 EARSHOT_DATA_DIR=/var/lib/earshot earshot serve'),
    )
    .action(async (options: { demo?: boolean }) => {
      const { serve } = await import('../serve.ts')
      await serve({ demo: options.demo ?? false })
    })
}
