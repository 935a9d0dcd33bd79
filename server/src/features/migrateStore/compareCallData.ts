import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { conditionOf, nextSlice, parametersOf, type CallShare, type CallSlice } from './callShares.ts'
import { noteWrong } from './moveRecord.ts'
import { checksumOf, isSame, type Comparison, type StoreMove } from './storeMove.ts'

/** Rows per statement. */
const maxRows = 1_000_000

interface Sum {
  rows: number
  sum: bigint
}

/**
 * Compares the current rows of both sides, table by table, by the sums of row hashes that each engine calculates.
 * Differing shares are recorded, so that the next run moves them again.
 */
export async function compareCallData(move: StoreMove, shares: readonly CallShare[]): Promise<Comparison[]> {
  await move.target.clickhouse.syncReplicas()
  const total = shares.reduce((sum, share) => sum + share.rows, 0)
  let done = 0
  const comparisons: Comparison[] = []
  for (const [table, ofTable] of Map.groupBy(shares, (share) => share.table.name)) {
    const here: Sum = { rows: 0, sum: 0n }
    const there: Sum = { rows: 0, sum: 0n }
    for (const share of ofTable) {
      const report = (rows: number) =>
        move.onProgress({ step: 'comparing', what: table, done: Math.min(done + rows, total), total })
      report(0)
      const sums = await compareShare(move, share, report)
      if (!isSame(comparisonOf(table, sums.here, sums.there))) await noteWrong(move, share)
      add(here, sums.here)
      add(there, sums.there)
      done += share.rows
    }
    comparisons.push(comparisonOf(table, here, there))
  }
  return comparisons
}

async function compareShare({ source, target, signal }: StoreMove, share: CallShare, report: (rows: number) => void) {
  const here: Sum = { rows: 0, sum: 0n }
  const there: Sum = { rows: 0, sum: 0n }
  let after: string | null = null
  let rows = 0
  do {
    signal.throwIfAborted()
    const slice: CallSlice = await nextSlice(source, share, after, maxRows)
    const [found, ...arrived] = await Promise.all([
      sumOf(source.clickhouse, share, slice),
      ...target.clickhouse.copiesOf(share.table.name).map((copy) => sumOf(copy, share, slice)),
    ])
    add(here, found)
    // A copy that differs counts for all of them.
    add(there, arrived.find(({ rows, sum }) => rows !== found.rows || sum !== found.sum) ?? found)
    report((rows += slice.rows))
    after = slice.upTo
  } while (after !== null)
  return { here, there }
}

/** A row is hashed as its bytes: the engine's hash of several values is null when one of them is. */
async function sumOf(clickhouse: Pick<ClickHouse, 'rows'>, share: CallShare, slice: CallSlice): Promise<Sum> {
  const { name, columns } = share.table
  const [row] = await clickhouse.rows<{ rows: number; sum: string }>(
    `SELECT
       count() AS rows,
       toString(sum(sipHash64(formatRow('RowBinary', ${columns.join(', ')})))) AS sum
     FROM ${name} FINAL
     WHERE ${conditionOf(share, slice)}`,
    parametersOf(share, slice),
  )
  return { rows: row?.rows ?? 0, sum: BigInt(row?.sum ?? 0) }
}

function add(total: Sum, more: Sum): void {
  total.rows += more.rows
  total.sum += more.sum
}

function comparisonOf(table: string, here: Sum, there: Sum): Comparison {
  return {
    kind: 'call data',
    table,
    sourceRows: here.rows,
    targetRows: there.rows,
    sourceChecksum: checksumOf(here.sum),
    targetChecksum: checksumOf(there.sum),
  }
}
