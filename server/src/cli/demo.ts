import { counted } from '../domain/amounts.ts'
import { loadConfig } from '../config.ts'
import { reportProgress } from '../features/demo/progress.ts'
import { sendDemo } from '../features/demo/send.ts'
import { withClient } from './client.ts'
import { wholeNumber } from './options.ts'
import { print, printJson } from './output.ts'

interface DemoCommandOptions {
  calls: string
  days: string
  seed: string
  account: string
  json?: boolean
}

/** Generates sample calls and sends them to the server like any other client. */
export async function demoCommand(options: DemoCommandOptions): Promise<void> {
  const calls = wholeNumber('--calls', options.calls, { from: 1, to: 100_000_000 })
  const days = wholeNumber('--days', options.days, { from: 1, to: 3_650 })
  const seed = wholeNumber('--seed', options.seed, { from: 0, to: 2 ** 31 - 1 })
  const config = loadConfig()
  const progress = reportProgress(process.stderr)
  const result = await withClient(
    config,
    { account: options.account, makesAccount: true, scopes: ['ingest:write'], purpose: 'earshot demo' },
    ({ url, key, fetch }) =>
      sendDemo({
        seed,
        calls,
        days,
        endsAt: Date.now(),
        batchSize: Math.min(10_000, config.ingestMaxRecords),
        baseUrl: url,
        apiKey: key.apiKey,
        fetch,
        onProgress: (report) => progress.update(report),
      }).finally(() => progress.finish()),
  )
  if (options.json) return printJson({ account: options.account, ...result })
  const seconds = (result.elapsedMs / 1000).toFixed(1)
  print(
    `${counted(result.calls, 'call')} in ${counted(result.records, 'record')} sent to the account ${options.account}, in ${seconds} s.`,
  )
}
