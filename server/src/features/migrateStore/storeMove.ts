import type { Ports } from '../../ports.ts'
import type { OpenedTarget } from './openTarget.ts'

/** The embedded folder, opened as the server would open it. */
export type MoveSource = Pick<Ports, 'config' | 'postgres' | 'clickhouse' | 'files'>

/** Where a move has come. */
export interface MoveProgress {
  step: 'moving' | 'comparing' | 'copying files' | 'moving control data'
  /** The table or file. */
  what: string
  done: number
  total: number
}

/** What every step of a move works with. */
export interface StoreMove {
  source: MoveSource
  target: OpenedTarget
  signal: AbortSignal
  onProgress(progress: MoveProgress): void
}

/** What of a table is on the two sides. */
export interface Comparison {
  kind: 'call data' | 'control data' | 'files'
  table: string
  /** Rows, or files. */
  sourceRows: number
  targetRows: number
  /** Sums over the contents of all rows that do not depend on their order, hexadecimal. */
  sourceChecksum: string
  targetChecksum: string
}

/** Whether a table is the same on both sides. */
export function isSame(compared: Comparison): boolean {
  return compared.sourceRows === compared.targetRows && compared.sourceChecksum === compared.targetChecksum
}

/** A sum modulo 2^64 as 16 hexadecimal digits. */
export function checksumOf(sum: bigint): string {
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0')
}
