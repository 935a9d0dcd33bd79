import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

// An engine that takes longer to say 1 is of no use to anybody.
const answerWithinMs = 2000

export const engineStates = ['ok', 'unavailable'] as const

export type EngineState = (typeof engineStates)[number]

/** Whether both engines answer. */
export async function readEngines(ports: Ports): Promise<{ postgres: EngineState; clickhouse: EngineState }> {
  const [postgres, clickhouse] = await Promise.all([
    stateOf(ports, 'postgres', () => ports.postgres.query(sql`SELECT 1`)),
    stateOf(ports, 'clickhouse', () => ports.clickhouse.rows('SELECT 1')),
  ])
  return { postgres, clickhouse }
}

async function stateOf(ports: Ports, engine: string, ask: () => Promise<unknown>): Promise<EngineState> {
  const late = AbortSignal.timeout(answerWithinMs)
  const tooLate = new Promise<never>((_resolve, reject) => {
    late.addEventListener('abort', () => reject(new Error(`No answer within ${answerWithinMs} ms.`)), { once: true })
  })
  try {
    await Promise.race([ask(), tooLate])
    return 'ok'
  } catch (error) {
    ports.log.warn({ err: error, engine }, 'engine not ready')
    return 'unavailable'
  }
}
