import { counted } from '../domain/amounts.ts'
import { z } from 'zod'
import { loadConfig } from '../config.ts'
import { withClient, type Client } from './client.ts'
import { CommandError } from './failure.ts'
import { print, printJson, printTable, showTime } from './output.ts'

interface FeedOptions {
  account: string
  json?: boolean
}

const blockedSchema = z.object({
  blockedAfterSeconds: z.number(),
  data: z.array(
    z.object({ number: z.number(), id: z.string(), phase: z.string(), status: z.string(), updatedAt: z.string() }),
  ),
})
const releasedSchema = z.object({ data: z.object({ number: z.number(), id: z.string(), phaseBefore: z.string() }) })
const refusalSchema = z.object({ error: z.object({ message: z.string() }) })

/** Lists the calls that block an account's feed. */
export async function blockedFeedCommand(options: FeedOptions): Promise<void> {
  const { data, blockedAfterSeconds } = await asClient(options, async (client) =>
    blockedSchema.parse(await ask(client, '/v1/admin/feed/blocked')),
  )
  if (options.json) return printJson(data)
  if (data.length === 0) {
    return print(
      `No call of ${options.account} is unfinished and unchanged for ${counted(blockedAfterSeconds, 'second')}.`,
    )
  }
  printTable(
    ['CALL', 'PHASE', 'STATUS', 'LAST CHANGE (UTC)', 'ID'],
    data.map(({ number, phase, status, updatedAt, id }) => [
      String(number),
      phase,
      status,
      showTime(new Date(updatedAt)),
      id,
    ]),
  )
}

/** Releases a call that blocks the feed, named by its number (digits only) or its id. */
export async function releaseFeedCommand(options: FeedOptions & { call: string }): Promise<void> {
  const name = /^\d+$/.test(options.call) ? { number: Number(options.call) } : { id: options.call }
  const { data } = await asClient(options, async (client) =>
    releasedSchema.parse(await ask(client, '/v1/admin/feed/release', name)),
  )
  if (options.json) return printJson(data)
  print(`The call ${data.number} (${data.id}) was ${data.phaseBefore} and is ERROR now; the feed goes on.`)
}

function asClient<T>({ account }: FeedOptions, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(loadConfig(), { account, makesAccount: false, scopes: ['admin'], purpose: 'earshot feed' }, work)
}

async function ask(client: Client, path: string, body?: object): Promise<unknown> {
  const answer = await client.fetch(`${client.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'X-Api-Key': client.key.apiKey, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const value: unknown = await answer.json()
  if (answer.ok) return value
  throw new CommandError(refusalSchema.safeParse(value).data?.error.message ?? `The server answered ${answer.status}.`)
}
