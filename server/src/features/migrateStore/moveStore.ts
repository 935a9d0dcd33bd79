import { compareCallData } from './compareCallData.ts'
import { readShares } from './callShares.ts'
import { moveCallData } from './moveCallData.ts'
import { differing, moveControlData } from './moveControlData.ts'
import { moveFiles } from './moveFiles.ts'
import { beginMove } from './moveRecord.ts'
import { isSame, type Comparison, type StoreMove } from './storeMove.ts'

/** What a move came to: both sides of every table, and what is wrong, if anything is. */
export interface MoveResult {
  comparisons: Comparison[]
  /** Empty: all is the same, and the target may be used. */
  failure: string
}

/**
 * Moves an embedded folder to engines on servers: call data, then files, then control data, with which the target comes
 * into use. The folder is only read. May end anywhere and be begun again: what is there is not moved twice, but compared.
 */
export async function moveStore(move: StoreMove): Promise<MoveResult> {
  await beginMove(move)
  const shares = await readShares(move.source)
  await moveCallData(move, shares)
  const comparisons = await compareCallData(move, shares)
  comparisons.push(...(await moveFiles(move)))
  const wrong = comparisons.filter((compared) => !isSame(compared)).map((compared) => compared.table)
  if (wrong.length > 0) return { comparisons, failure: differing(wrong) }
  comparisons.push(...(await moveControlData(move)))
  return { comparisons, failure: '' }
}
