import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { collections } from '../../src/domain/collections/all.ts'
import type { Collection } from '../../src/domain/collections/collection.ts'
import type { Json } from '../model/recordsModel.ts'
import type { TestAccount } from '../testApp.ts'
import { readPage } from './follow.ts'

/** A copy of an account's records that is made from nothing but their changes. */
export interface Warehouse {
  /** Records by key, by collection. */
  tables: Map<string, Map<string, Json>>
  pages: number
  rows: number
  deletions: number
  /** Pages that did not come, because the server had died. */
  failures: number
  wrong: string[]
}

export function emptyWarehouse(): Warehouse {
  return { tables: new Map(), pages: 0, rows: 0, deletions: 0, failures: 0, wrong: [] }
}

/** Where a follower has come to in a collection. */
interface Progress {
  collection: Collection
  cursor: string
  sequence: number
  hasMore: boolean
}

/**
 * Follows the changes of every collection in pages of any size, sometimes waiting, until all is settled and
 * read. What a page said counts once the whole page is there, with its cursor: as a loader would do it.
 */
export async function followAll(
  account: Pick<TestAccount, 'request'>,
  warehouse: Warehouse,
  traffic: { isSettled: boolean },
): Promise<void> {
  await Promise.all(
    collections.map(async (collection) => {
      warehouse.tables.set(collection.name, new Map())
      const progress: Progress = { collection, cursor: '', sequence: 0, hasMore: true }
      for (;;) {
        const isLast = traffic.isSettled
        await readOne(account, warehouse, progress)
        if (isLast && !progress.hasMore) return
        await wait(randomInt(30))
      }
    }),
  )
}

async function readOne(account: Pick<TestAccount, 'request'>, warehouse: Warehouse, progress: Progress): Promise<void> {
  const { collection, cursor } = progress
  const limit = randomInt(4) === 0 ? randomInt(1, 4) : randomInt(4, 300)
  const query = `limit=${limit}${randomInt(4) === 0 ? '&wait=0.3' : ''}${randomInt(2) === 0 ? '&compression=gzip' : ''}`
  const page = await readPage(account, collection.name, cursor, query).catch(() => undefined)
  if (page?.status !== 200) {
    warehouse.failures++
    progress.hasMore = true
    await wait(100)
    if (page && page.status !== 503) warehouse.wrong.push(`${collection.name} was answered ${page.status}`)
    return
  }
  warehouse.pages++
  if (page.rows.length > limit) warehouse.wrong.push(`${collection.name}: ${page.rows.length} rows of at most ${limit}`)
  for (const row of page.rows) apply(warehouse, progress, row)
  progress.cursor = page.cursor
  progress.hasMore = page.hasMore
}

function apply(warehouse: Warehouse, progress: Progress, row: Json): void {
  const { collection } = progress
  const key = String(row[collection.key])
  const sequence = Number(row['sequence'])
  if (sequence <= progress.sequence) {
    warehouse.wrong.push(`${collection.name} ${key} came with ${sequence} after ${progress.sequence}`)
  }
  progress.sequence = sequence
  warehouse.rows++
  const table = warehouse.tables.get(collection.name)
  if (row['deleted'] === true) {
    warehouse.deletions++
    table?.delete(key)
  } else table?.set(key, row)
}
