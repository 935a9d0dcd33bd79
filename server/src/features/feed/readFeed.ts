import type { Ports } from '../../ports.ts'
import { requireScope, type Context } from '../../context.ts'
import { offsetTransitions } from '../../domain/period.ts'
import { AppError, unlessDiskFull } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { agentIdsOf, conditionsOf } from './conditions.ts'
import { csvPage } from './csvPage.ts'
import type { FeedRequest } from './feedRequest.ts'
import { jsonPage } from './jsonPage.ts'
import { readAgents, readQueues } from './names.ts'
import { orderOf } from './order.ts'
import { recallPage, rememberPage, runOf, type PageEnd, type Run } from './pageMemory.ts'
import { countCalls, findStop, pickPage, type PageBounds, type PickedPage } from './pickPage.ts'
import { streamPage } from './streamPage.ts'
import { timeRange } from './timeRange.ts'

/** A page of the feed. */
export interface FeedPage {
  contentType: string
  /** Calls that match, in a consecutive run those before the stop. */
  total: number
  /** Whether a next page holds something. */
  hasMore: boolean
  /** The page as bytes; it must be read to its end or broken off. */
  body: AsyncIterable<Uint8Array>
}

/** A page of the account's calls, up to the account's watermark. Throws VALIDATION_ERROR for a time that cannot be read. */
export async function readFeed(context: Context, request: FeedRequest): Promise<FeedPage> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const account = await readAccount(ports, accountId)
  const range = timeRange(request, account.timezone, ports.now())
  const watermark = await readWatermark(ports, accountId)
  const agentIds = await agentIdsOf(ports, accountId, request.agentIds)
  const run = runOf(context, request)
  const before = run && request.page > 1 ? await recallPage(ports, run, request.page) : undefined
  const bounds: PageBounds = {
    conditions: conditionsOf(accountId, request, range, agentIds),
    order: orderOf(request.sort),
    isConsecutive: request.isConsecutive,
    afterNumber: request.afterNumber,
    upTo: watermark.number,
    perPage: request.perPage,
    place: before?.place ?? [],
    skip: (request.page - 1 - (before?.page ?? 0)) * request.perPage,
  }
  const picked = await pickPage(ports, bounds)
  const [total, agents, queues] = await Promise.all([
    countAndRemember(ports, bounds, picked, { run, before, page: request.page, askedAt: account.askedAt }),
    readAgents(ports, accountId, picked.agentIds),
    readQueues(ports, accountId, picked.queueIds),
  ])
  const transitions =
    picked.numbers.length === 0 ? [] : offsetTransitions(account.timezone, picked.fromMs, picked.toMs + 1)
  const words = { account, agents, queues, transitions }
  const text = request.format === 'csv' ? csvPage(words) : jsonPage(words)
  const body = await streamPage(ports, text, { accountId, numbers: picked.numbers, order: bounds.order })
  return { contentType: text.contentType, total, hasMore: picked.hasMore, body }
}

interface FeedAccount {
  accountUuid: string
  contextUuid: string
  timezone: string
  /** When it was read, by the clock that all programs share. */
  askedAt: Date
}

async function readAccount(ports: Ports, accountId: number): Promise<FeedAccount> {
  const row = await ports.postgres.first<FeedAccount>(sql`
    SELECT account_uuid AS "accountUuid", context_uuid AS "contextUuid", timezone, clock_timestamp() AS "askedAt"
    FROM accounts
    WHERE id = ${accountId}`)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such account.')
  return row
}

/** The total, once the page's end is remembered. */
async function countAndRemember(
  ports: Ports,
  bounds: PageBounds,
  picked: PickedPage,
  { run, before, page, askedAt }: { run: Run | undefined; before: PageEnd | undefined; page: number; askedAt: Date },
): Promise<number> {
  const { total, countedTo } = await countTotal(ports, bounds, picked, before)
  if (run) await unlessDiskFull(rememberPage(ports, run, { page, place: picked.place, total, countedTo }, askedAt))
  return total
}

/**
 * How many calls match in all. Counting takes a look at every call, so a run counts once, and then only what has come
 * since.
 */
async function countTotal(
  ports: Ports,
  bounds: PageBounds,
  { place, stop }: PickedPage,
  before: PageEnd | undefined,
): Promise<Pick<PageEnd, 'total' | 'countedTo'>> {
  const { conditions, afterNumber, upTo } = bounds
  const counted = before?.countedTo ?? afterNumber
  let countedTo = upTo
  if (bounds.isConsecutive) {
    // Up to the end of the page nothing stops the run, nor did it up to where it was counted last.
    const from = Math.max(counted, afterNumber, place[0] ?? 0)
    const next = stop ?? (await findStop(ports, conditions, { from, to: upTo }))
    countedTo = next === undefined ? upTo : next - 1
  }
  const isFurther = before !== undefined && countedTo >= counted
  const from = isFurther ? counted : afterNumber
  const more = await countCalls(ports, conditions, { from, to: countedTo })
  return { total: (isFurther ? before.total : 0) + more, countedTo }
}
