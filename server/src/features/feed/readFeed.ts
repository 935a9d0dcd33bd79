import type { Ports } from '../../ports.ts'
import { requireScope, type Context } from '../../context.ts'
import { offsetTransitions } from '../../domain/period.ts'
import { AppError, unlessDiskFull } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { readAgentIds, conditionsOf } from './conditions.ts'
import { csvPage } from './csvPage.ts'
import type { FeedRequest } from './feedRequest.ts'
import { jsonPage } from './jsonPage.ts'
import { readAgents, readQueues } from './names.ts'
import { orderOf } from './order.ts'
import { readPageEnd, storePageEnd, traversalOf, type PageEnd, type Traversal } from './pageEnds.ts'
import { countCalls, findFirstUnfinished, selectPage, type PageBounds, type SelectedPage } from './selectPage.ts'
import { streamPage } from './streamPage.ts'
import { timeRange } from './timeRange.ts'

/** A page of the feed. */
export interface FeedPage {
  contentType: string
  /** Count of matching calls; in a consecutive traversal of those before the first unfinished call. */
  total: number
  /** Whether the next page has calls. */
  hasMore: boolean
  /** The page as bytes; the caller must read them to the end or cancel the iteration. */
  body: AsyncIterable<Uint8Array>
}

/** Reads a page of the account's calls, up to the account's watermark. Throws VALIDATION_ERROR for an invalid time. */
export async function readFeed(context: Context, request: FeedRequest): Promise<FeedPage> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const account = await readAccount(ports, accountId)
  const range = timeRange(request, account.timezone, ports.now())
  const watermark = await readWatermark(ports, accountId)
  const agentIds = await readAgentIds(ports, accountId, request.agentIds)
  const traversal = traversalOf(context, request)
  const before = traversal && request.page > 1 ? await readPageEnd(ports, traversal, request.page) : undefined
  const bounds: PageBounds = {
    conditions: conditionsOf(accountId, request, range, agentIds),
    order: orderOf(request.sort),
    isConsecutive: request.isConsecutive,
    afterNumber: request.afterNumber,
    upTo: watermark.number,
    perPage: request.perPage,
    position: before?.position ?? [],
    skip: (request.page - 1 - (before?.page ?? 0)) * request.perPage,
  }
  const selected = await selectPage(ports, bounds)
  const [total, agents, queues] = await Promise.all([
    countAndStorePageEnd(ports, bounds, selected, {
      traversal,
      before,
      page: request.page,
      requestedAt: account.requestedAt,
    }),
    readAgents(ports, accountId, selected.agentIds),
    readQueues(ports, accountId, selected.queueIds),
  ])
  const transitions =
    selected.numbers.length === 0 ? [] : offsetTransitions(account.timezone, selected.fromMs, selected.toMs + 1)
  const lookups = { account, agents, queues, transitions }
  const text = request.format === 'csv' ? csvPage(lookups) : jsonPage(lookups)
  const body = await streamPage(ports, text, { accountId, numbers: selected.numbers, order: bounds.order })
  return { contentType: text.contentType, total, hasMore: selected.hasMore, body }
}

interface FeedAccount {
  accountUuid: string
  contextUuid: string
  timezone: string
  /** Time of the request by the database's clock, which all processes share. */
  requestedAt: Date
}

async function readAccount(ports: Ports, accountId: number): Promise<FeedAccount> {
  const row = await ports.postgres.first<FeedAccount>(sql`
    SELECT account_uuid AS "accountUuid", context_uuid AS "contextUuid", timezone, clock_timestamp() AS "requestedAt"
    FROM accounts
    WHERE id = ${accountId}`)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such account.')
  return row
}

/** Returns the total after storing the page's end. */
async function countAndStorePageEnd(
  ports: Ports,
  bounds: PageBounds,
  selected: SelectedPage,
  {
    traversal,
    before,
    page,
    requestedAt,
  }: { traversal: Traversal | undefined; before: PageEnd | undefined; page: number; requestedAt: Date },
): Promise<number> {
  const { total, countedTo } = await countTotal(ports, bounds, selected, before)
  if (traversal)
    await unlessDiskFull(
      storePageEnd(ports, traversal, { page, position: selected.position, total, countedTo }, requestedAt),
    )
  return total
}

/** Counts all matching calls. Counting scans every call, so a traversal counts once and then only newer calls. */
async function countTotal(
  ports: Ports,
  bounds: PageBounds,
  { position, stop }: SelectedPage,
  before: PageEnd | undefined,
): Promise<Pick<PageEnd, 'total' | 'countedTo'>> {
  const { conditions, afterNumber, upTo } = bounds
  const counted = before?.countedTo ?? afterNumber
  let countedTo = upTo
  if (bounds.isConsecutive) {
    // No unfinished call precedes the end of the page or the last counted number, so the search begins there.
    const from = Math.max(counted, afterNumber, position[0] ?? 0)
    const next = stop ?? (await findFirstUnfinished(ports, conditions, { from, to: upTo }))
    countedTo = next === undefined ? upTo : next - 1
  }
  const isFurther = before !== undefined && countedTo >= counted
  const from = isFurther ? counted : afterNumber
  const more = await countCalls(ports, conditions, { from, to: countedTo })
  return { total: (isFurther ? before.total : 0) + more, countedTo }
}
