import { writeSync } from 'node:fs'
import type { Ports } from '../../src/ports.ts'

/** The steps of an ingestion turn, in their order, as moments at which a process can be killed. */
export const steps = [
  'before the write-ahead entry',
  'before the answer',
  'between entry and insert',
  'between inserts of two tables',
  'before closing',
  'after closing',
] as const

export type Step = (typeof steps)[number]

/** Where a process was when a kill came at any time: in the time before one of the steps, or not yet ready. */
export const phases = ['starting', 'no turn under way', ...steps] as const

interface Watch {
  /** File into whose first byte the current phase goes, which outlives the process. */
  phaseFile: number
  /** Kill the process when it comes to this step for the n-th time. */
  aim: { step: Step; count: number } | undefined
}

/** Follows the turns of a real, opened Earshot from outside: at its stores, by what it asks of them. */
export function watchSteps(ports: Ports, { phaseFile, aim }: Watch): void {
  let left = aim?.count ?? 0
  const reach = (step: Step): void => {
    writeSync(phaseFile, Uint8Array.of(phases.indexOf(step)), 0, 1, 0)
    if (step === aim?.step && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
  writeSync(phaseFile, Uint8Array.of(1), 0, 1, 0)
  watchStatements(ports, reach)
  watchInserts(ports, reach, aim?.step === 'between inserts of two tables')
}

function watchStatements({ postgres }: Ports, reach: (step: Step) => void): void {
  const query = postgres.query.bind(postgres)
  const run = postgres.run.bind(postgres)
  postgres.query = async (statement) => {
    const isEntry = statement.text.includes('INSERT INTO ingest_batches')
    if (isEntry) reach('before the write-ahead entry')
    const rows = await query<never>(statement)
    if (isEntry && rows.length > 0) reach('before the answer')
    return rows
  }
  postgres.run = async (statement) => {
    const isClosing = statement.text.includes('DELETE FROM ingest_batches')
    if (isClosing) reach('before closing')
    const count = await run(statement)
    if (isClosing) reach('after closing')
    return count
  }
}

/** For a kill between two of them, the inserts of a batch are made one after the other. */
function watchInserts({ clickhouse }: Ports, reach: (step: Step) => void, inTurn: boolean): void {
  const insert = clickhouse.insert.bind(clickhouse)
  let running = 0
  let last = Promise.resolve()
  clickhouse.insert = async (table, columns, lines) => {
    if (running++ === 0) reach('between entry and insert')
    const done = (inTurn ? last : Promise.resolve()).then(() => insert(table, columns, lines))
    last = done.catch(() => {})
    await done
    if (--running > 0) reach('between inserts of two tables')
  }
}
