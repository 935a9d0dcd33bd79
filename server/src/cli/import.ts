import { counted } from '../domain/amounts.ts'
import { access, constants } from 'node:fs/promises'
import { loadConfig } from '../config.ts'
import { collectionNamed, collections } from '../domain/collections/all.ts'
import { messageOf } from '../errors.ts'
import { openStandardInput } from '../store/standardInput.ts'
import { withClient } from './client.ts'
import { CommandError } from './failure.ts'
import { readBatches, type LineFault } from './importLines.ts'
import { noTotals, sendBatch, type ImportTotals } from './importSend.ts'
import { print, printJson, progressLine } from './output.ts'

interface ImportOptions {
  collection: string
  account: string
  onError: string
  json?: boolean
}

/** The largest number of listed faults; further ones are only counted. */
const maxListed = 100

/** Sends the batches in order, because later records are merged into earlier ones. */
export async function importCommand(files: string[], options: ImportOptions): Promise<void> {
  if (options.onError !== 'stop' && options.onError !== 'skip') {
    throw new CommandError(`--on-error is ${JSON.stringify(options.onError)}; it must be stop or skip.`)
  }
  if (!collectionNamed(options.collection)) {
    const names = collections.map(({ name }) => name).join(', ')
    throw new CommandError(`--collection is ${JSON.stringify(options.collection)}; it must be one of ${names}.`)
  }
  await requireReadable(files)
  const standardInput = files.includes('-') ? openStandardInput() : undefined
  const skips = options.onError === 'skip'
  const config = loadConfig()
  const totals = noTotals()
  const faults: LineFault[] = []
  const progress = progressLine()
  await withClient(
    config,
    { account: options.account, makesAccount: false, scopes: ['ingest:write'], purpose: 'earshot import' },
    async (client) => {
      const limits = { records: config.ingestMaxRecords, bytes: config.ingestMaxBytes }
      for await (const batch of readBatches(files, limits, standardInput)) {
        const found = await sendBatch(client, { collection: options.collection, skips }, batch, totals)
        faults.push(...found.slice(0, maxListed - faults.length))
        if (found.length > 0 && !skips) break
        progress.show(
          `${counted(totals.accepted, 'record')} sent, ${totals.rejected} omitted (${batch.file}, line ${batch.lastLine})`,
        )
      }
    },
  ).finally(() => progress.end())
  report(totals, faults, options)
}

/** Checks all files before the first batch, so that a mistyped name does not leave half an import behind. */
async function requireReadable(files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (file === '-') continue
    await access(file, constants.R_OK).catch((error: unknown) => {
      throw new CommandError(`${file} cannot be read: ${messageOf(error)}.`)
    })
  }
}

function report(totals: ImportTotals, faults: readonly LineFault[], options: ImportOptions): void {
  const isBroken = options.onError === 'stop' && faults.length > 0
  if (options.json) printJson({ ...totals, faults })
  else {
    for (const { file, line, field, message } of faults) {
      process.stderr.write(
        `${file}:${line}: ${field === undefined || message.startsWith(field) ? '' : `${field}: `}${message}\n`,
      )
    }
    print(
      `${counted(totals.accepted, 'record')} taken: ${totals.created} new, ${totals.updated} changed, ${totals.unchanged} unchanged; ${totals.rejected} omitted.`,
    )
  }
  if (isBroken) {
    throw new CommandError(
      'The import stopped at a batch with invalid records, and nothing of this batch was stored. Fix the lines and import the file again (stored records stay as they are), or omit them with --on-error skip.',
    )
  }
}
