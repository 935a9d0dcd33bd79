import { readShares } from './callShares.ts'
import { countRows, readMovedTables } from './moveControlData.ts'
import { countFiles, keepsFiles, refuseOtherFiles } from './moveFiles.ts'
import { requireKeys } from './moveKeys.ts'
import { readMoveState, type MoveState } from './moveRecord.ts'
import type { Comparison, StoreMove } from './storeMove.ts'

/** What would be moved. */
export interface Survey {
  state: MoveState
  /** Stored versions of rows, or files, by table. */
  tables: (Pick<Comparison, 'kind' | 'table'> & { rows: number })[]
}

/** Whether a move can begin or go on. Throws CONFLICT for a target that is not this folder's, and for keys that lack. */
export async function checkMove(move: Pick<StoreMove, 'source' | 'target'>): Promise<MoveState> {
  const state = await readMoveState(move)
  if (state.state === 'complete') return state
  const { secrets, config } = move.target
  await requireKeys(move.source, { secrets, targetDirectory: config.dataDirectory })
  await refuseOtherFiles(move)
  return state
}

/** Checks both sides as a move would, and counts what it would move. */
export async function surveyMove(move: Pick<StoreMove, 'source' | 'target'>): Promise<Survey> {
  const state = await checkMove(move)
  const { source } = move
  const calls = new Map<string, number>()
  for (const { table, rows } of await readShares(source)) calls.set(table.name, (calls.get(table.name) ?? 0) + rows)
  const tables: Survey['tables'] = [...calls].map(([table, rows]) => ({ kind: 'call data', table, rows }))
  if (!keepsFiles(move)) tables.push({ kind: 'files', table: 'files', rows: await countFiles(source) })
  for (const table of await readMovedTables(source.postgres)) {
    tables.push({ kind: 'control data', table: table.name, rows: await countRows(source.postgres, table) })
  }
  return { state, tables }
}
