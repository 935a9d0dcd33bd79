import { loadConfig } from '../config.ts'
import { withClient, type Client } from './client.ts'
import { CommandError } from './failure.ts'
import { print, printJson, printTable } from './output.ts'

interface HoldAnswer {
  callId: string
  reason: string
  setBy: string
  setAt: string
}

/** Puts a call under a legal hold. */
export async function setHoldCommand(
  callId: string,
  options: { account: string; reason: string; json?: boolean },
): Promise<void> {
  const hold = await asManager(options.account, (client) =>
    ask<{ data: HoldAnswer }>(client, 'PUT', `/v1/admin/holds/calls/${encodeURIComponent(callId)}`, {
      reason: options.reason,
    }),
  )
  if (options.json) return printJson(hold?.data)
  print(`The call ${callId} is under a legal hold: nothing deletes it, its parts or its recording.`)
}

/** Releases the hold on a call. */
export async function releaseHoldCommand(callId: string, options: { account: string; json?: boolean }): Promise<void> {
  await asManager(options.account, (client) =>
    ask(client, 'DELETE', `/v1/admin/holds/calls/${encodeURIComponent(callId)}`),
  )
  if (options.json) return printJson({ callId, released: true })
  print(`The hold on the call ${callId} is released.`)
}

/** Lists the calls under a legal hold. */
export async function listHoldsCommand(options: { account: string; json?: boolean }): Promise<void> {
  const holds = await asManager(options.account, listAll)
  if (options.json) return printJson(holds)
  printTable(
    ['CALL', 'SINCE (UTC)', 'BY', 'REASON'],
    holds.map((hold) => [hold.callId, hold.setAt.slice(0, 16).replace('T', ' '), hold.setBy, hold.reason]),
  )
}

async function listAll(client: Client): Promise<HoldAnswer[]> {
  const holds: HoldAnswer[] = []
  for (let after: string | null = ''; after !== null;) {
    const path: string = `/v1/admin/holds/calls?limit=1000${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`
    const page: { data: HoldAnswer[]; nextAfter: string | null } | undefined = await ask(client, 'GET', path)
    holds.push(...(page?.data ?? []))
    after = page?.nextAfter ?? null
  }
  return holds
}

function asManager<T>(account: string, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(loadConfig(), { account, makesAccount: false, scopes: ['admin'], purpose: 'earshot holds' }, work)
}

async function ask<T>(client: Client, method: string, path: string, body?: unknown): Promise<T | undefined> {
  const answer = await client.fetch(`${client.url}${path}`, {
    method,
    headers: { 'X-Api-Key': client.key.apiKey, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (answer.ok) return text === '' ? undefined : (JSON.parse(text) as T)
  const failure = JSON.parse(text) as { error?: { message?: string } }
  throw new CommandError(failure.error?.message ?? `The server answered ${answer.status}.`)
}
