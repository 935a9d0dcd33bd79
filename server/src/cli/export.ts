import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { bodyHashOf, canonicalText, signatureOf } from '../api/auth/signature.ts'
import { loadConfig } from '../config.ts'
import { withClient, type Client } from './client.ts'
import { CommandError } from './failure.ts'
import { print, printJson, progressLine } from './output.ts'

interface ExportOptions {
  account: string
  from: string
  to: string
  out: string
  format?: string
  timezone: string
  json?: boolean
}

const pollMs = 250
const startedSchema = z.object({ data: z.object({ jobId: z.string() }) })
const jobSchema = z.object({
  data: z.object({
    status: z.string(),
    progress: z.number(),
    rowCount: z.int().optional(),
    totalRows: z.int().optional(),
    truncated: z.boolean().optional(),
    error: z.string().optional(),
    downloadUrl: z.string().optional(),
  }),
})
const refusalSchema = z.object({
  error: z.object({
    message: z.string(),
    details: z.array(z.object({ message: z.string().optional() })).optional(),
  }),
})

/** Exports the AI Calls report of a period to a file, as any client of the API would. */
export async function exportCommand(report: string, options: ExportOptions): Promise<void> {
  if (report !== 'ai-calls') throw new CommandError(`There is no report ${JSON.stringify(report)}; there is ai-calls.`)
  const format = options.format ?? (options.out.toLowerCase().endsWith('.xlsx') ? 'xlsx' : 'csv')
  const progress = progressLine()
  const done = await withClient(
    loadConfig(),
    { account: options.account, makesAccount: false, scopes: ['analytics:export'], purpose: 'earshot export' },
    async (client) => {
      const job = await runJob(client, { ...options, format }, (percent) => progress.show(`Exporting: ${percent}%`))
      await download(client, job.downloadUrl ?? '', options.out)
      return job
    },
  ).finally(() => progress.end())
  const { rowCount = 0, totalRows = rowCount, truncated = false } = done
  if (options.json) return printJson({ file: options.out, rowCount, totalRows, truncated })
  print(`${rowCount} calls are in ${options.out}.`)
  if (truncated)
    print(`The period has ${totalRows} calls; an export holds the newest ${rowCount}. Export shorter periods for all.`)
}

type Job = z.infer<typeof jobSchema>['data']

async function runJob(
  client: Client,
  options: ExportOptions & { format: string },
  onProgress: (percent: number) => void,
): Promise<Job> {
  const started = await callSigned(client, 'POST', '/api/v1/exports/ai-calls', {
    dateFrom: options.from,
    dateTo: options.to,
    format: options.format,
    timezone: options.timezone,
  })
  const path = `/api/v1/exports/${startedSchema.parse(started).data.jobId}`
  for (;;) {
    const { data: job } = jobSchema.parse(await callSigned(client, 'GET', path))
    if (job.status === 'completed') return job
    if (job.status === 'failed') throw new CommandError(`The export failed: ${job.error ?? 'no reason given.'}`)
    onProgress(job.progress)
    await pause(pollMs)
  }
}

async function callSigned(client: Client, method: string, path: string, body?: object): Promise<unknown> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = signatureOf(
    client.key.hmacSecret,
    canonicalText(timestamp, method, path, bodyHashOf(Buffer.from(text))),
  )
  const answer = await client.fetch(`${client.url}${path}`, {
    method,
    headers: {
      'X-Api-Key': client.key.apiKey,
      'X-Timestamp': timestamp,
      'X-Signature': signature,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: text }),
  })
  const value: unknown = await answer.json()
  if (answer.ok) return value
  const refusal = refusalSchema.safeParse(value).data?.error
  const details = (refusal?.details ?? []).map(({ message }) => message).filter((message) => message !== undefined)
  throw new CommandError([refusal?.message ?? `The server answered ${answer.status}.`, ...details].join(' '))
}

/** The link names the public address, which need not be reachable from here; the file stands at its path. */
async function download(client: Client, link: string, out: string): Promise<void> {
  const answer = await client.fetch(`${client.url}${link.slice(link.indexOf('/files/'))}`)
  if (!answer.ok || !answer.body)
    throw new CommandError(`The file cannot be read: the server answered ${answer.status}.`)
  const draft = `${out}.partial`
  try {
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(draft, { mode: 0o600 }))
    await rename(draft, out)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
