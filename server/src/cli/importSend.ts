import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { z } from 'zod'
import type { Client } from './client.ts'
import { CommandError } from './failure.ts'
import type { LineBatch, LineFault } from './importLines.ts'

const compress = promisify(gzip)
const maxTries = 12
const busy = new Set([429, 502, 503, 504])

export interface ImportTotals {
  accepted: number
  created: number
  updated: number
  unchanged: number
  rejected: number
}

export const noTotals = (): ImportTotals => ({ accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 })

const faultSchema = z.object({ index: z.int().optional(), field: z.string().optional(), message: z.string() })
const countsSchema = z.object({
  data: z.object({
    accepted: z.int(),
    created: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    rejected: z.int(),
    errors: z.array(faultSchema),
  }),
})
const refusalSchema = z.object({ error: z.object({ message: z.string(), details: z.array(faultSchema).default([]) }) })

/**
 * Sends a batch, adds to the totals and returns the faults with their lines. Without `skips` a batch with a fault stores
 * nothing. Retries while the server is busy, and halves a batch that is too large.
 */
export async function sendBatch(
  client: Client,
  options: { collection: string; skips: boolean },
  batch: LineBatch,
  totals: ImportTotals,
): Promise<LineFault[]> {
  const faults = [...batch.faults]
  if (faults.length > 0 && !options.skips) return faults
  totals.rejected += faults.length
  if (batch.lines.length === 0) return faults
  const answer = await post(client, options, batch)
  if (answer.status === 413 && batch.lines.length > 1) {
    const middle = batch.lines.length >> 1
    for (const half of [slice(batch, 0, middle), slice(batch, middle)]) {
      const found = await sendBatch(client, options, half, totals)
      faults.push(...found)
      if (found.length > 0 && !options.skips) break
    }
    return faults
  }
  const toLine = ({ index, field, message }: z.infer<typeof faultSchema>): LineFault => ({
    file: batch.file,
    line: batch.numbers[index ?? 0] ?? 0,
    field,
    message,
  })
  if (answer.status === 200) {
    const { data } = countsSchema.parse(answer.body)
    for (const name of ['accepted', 'created', 'updated', 'unchanged', 'rejected'] as const) totals[name] += data[name]
    return [...faults, ...data.errors.map(toLine)].sort((left, right) => left.line - right.line)
  }
  const refusal = refusalSchema.safeParse(answer.body).data?.error
  if (answer.status === 422 && refusal && refusal.details.length > 0) return refusal.details.map(toLine)
  throw new CommandError(`The server answered ${answer.status}: ${refusal?.message ?? 'no reason given.'}`)
}

function slice(batch: LineBatch, from: number, to?: number): LineBatch {
  return { ...batch, faults: [], lines: batch.lines.slice(from, to), numbers: batch.numbers.slice(from, to) }
}

async function post(
  { url, key, fetch }: Client,
  { collection, skips }: { collection: string; skips: boolean },
  batch: LineBatch,
): Promise<{ status: number; body: unknown }> {
  const body = await compress(batch.lines.join('\n'), { level: 1 })
  for (let tried = 1; ; tried++) {
    const answer = await fetch(`${url}/v1/ingest/${encodeURIComponent(collection)}${skips ? '?onError=skip' : ''}`, {
      method: 'POST',
      headers: { 'X-Api-Key': key.apiKey, 'Content-Type': 'application/x-ndjson', 'Content-Encoding': 'gzip' },
      body,
    })
    const text = await answer.text()
    if (!busy.has(answer.status) || tried >= maxTries) return { status: answer.status, body: parse(text) }
    await pause(Number(answer.headers.get('retry-after') ?? 0) * 1000 || Math.min(10_000, 250 * 2 ** tried))
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
