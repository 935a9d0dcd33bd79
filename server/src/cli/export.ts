import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { loadConfig } from '../config.ts'
import { counted } from '../domain/amounts.ts'
import { datasets } from '../features/exports/datasets/all.ts'
import { withClient, type Client } from './client.ts'
import { readExportWords, type ExportOptions, type WantedExport } from './exportOptions.ts'
import { openExportOut } from './exportOut.ts'
import { CommandError } from './failure.ts'
import { print, printJson, progressLine } from './output.ts'

const pollMs = 250
const jobSchema = z.object({
  data: z.object({
    exportId: z.string(),
    status: z.string(),
    progress: z.number(),
    rowCount: z.int().nullable(),
    totalRows: z.int().nullable(),
    truncated: z.boolean().nullable(),
    error: z.string().nullable(),
    files: z.array(z.object({ downloadUrl: z.string() })),
  }),
})
const refusalSchema = z.object({
  error: z.object({
    message: z.string(),
    details: z.array(z.object({ message: z.string().optional() })).optional(),
  }),
})

type Job = z.infer<typeof jobSchema>['data']

/** Exports the rows of a dataset and period to a file or to standard output, through the API. */
export async function exportCommand(dataset: string, options: ExportOptions): Promise<void> {
  const wanted = readExportWords(dataset, options, datasets)
  const out = await openExportOut(options.out, { force: options.force ?? false })
  const progress = progressLine()
  const done = await withClient(
    loadConfig(),
    { account: options.account, makesAccount: false, scopes: ['analytics:export'], purpose: 'earshot export' },
    async (client) => {
      const job = await runJob(client, wanted, (percent) => progress.show(`Exporting: ${percent}%`))
      await download(client, job.files[0]?.downloadUrl ?? '', out.take)
      return job
    },
  ).finally(() => progress.end())
  const rowCount = done.rowCount ?? 0
  const totalRows = done.totalRows ?? rowCount
  const truncated = done.truncated ?? false
  if (options.json) return printJson({ file: options.out, rowCount, totalRows, truncated })
  const tell = out.isStandardOutput ? (text: string) => void process.stderr.write(`${text}\n`) : print
  if (!out.isStandardOutput) tell(`${counted(rowCount, 'row')} written to ${options.out}.`)
  if (truncated)
    tell(
      `The period has ${counted(totalRows, 'row')}; a file holds the newest ${rowCount}. Export shorter periods for all.`,
    )
}

async function runJob(client: Client, wanted: WantedExport, onProgress: (percent: number) => void): Promise<Job> {
  let job = await ask(client, 'POST', '/v1/exports', wanted)
  for (; job.status !== 'completed'; job = await ask(client, 'GET', `/v1/exports/${job.exportId}`)) {
    if (job.status === 'failed' || job.status === 'cancelled')
      throw new CommandError(`The export was ${job.status}: ${job.error ?? 'no reason given.'}`)
    onProgress(job.progress)
    await pause(pollMs)
  }
  return job
}

async function ask(client: Client, method: string, path: string, body?: object): Promise<Job> {
  const answer = await client.fetch(`${client.url}${path}`, {
    method,
    headers: { 'X-Api-Key': client.key.apiKey, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const value: unknown = await answer.json()
  if (answer.ok) return jobSchema.parse(value).data
  const refusal = refusalSchema.safeParse(value).data?.error
  const texts = [refusal?.message ?? `The server answered ${answer.status}.`]
  for (const { message } of refusal?.details ?? []) {
    // The message may already contain the fault.
    if (message !== undefined && !texts[0]?.includes(message)) texts.push(message)
  }
  throw new CommandError(texts.join(' '))
}

/** Uses the path of the link only, because the public address may not be reachable from here. */
async function download(client: Client, link: string, take: (body: ReadableStream) => Promise<void>): Promise<void> {
  const answer = await client.fetch(`${client.url}${link.slice(link.indexOf('/files/'))}`)
  if (!answer.ok || !answer.body)
    throw new CommandError(`The file cannot be read: the server answered ${answer.status}.`)
  await take(answer.body)
}
