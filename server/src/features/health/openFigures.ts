import type { Ports } from '../../ports.ts'
import type { Figure } from '../../metrics.ts'
import { messageOf } from '../../errors.ts'
import { readControlFigures } from './engineFigures.ts'
import { readCallDataFigures } from './nodeFigures.ts'
import { readDiskFigures, readProcessFigures } from './processFigures.ts'

/** Prometheus gives a reading ten seconds, for all of it. */
const readWithinMs = 3000

/**
 * Reads all metrics of the process and the stores. Concurrent requests share one reading of a store; a store that is
 * unavailable or slow counts as down and only its metrics are left out.
 */
export function openFigures(ports: Ports): () => Promise<Figure[]> {
  const control = bounded(ports, 'PostgreSQL', () => readControlFigures(ports))
  const callData = bounded(ports, 'ClickHouse', () => readCallDataFigures(ports))
  const disk = bounded(ports, 'the disk', () => readDiskFigures(ports))
  return async () => {
    const [postgres, clickhouse, space] = await Promise.all([control(), callData(), disk()])
    const up: Figure = {
      name: 'earshot_engine_up',
      help: 'Whether the engine answered this reading in time.',
      kind: 'gauge',
      samples: Object.entries({ postgres, clickhouse }).map(([engine, figures]) => ({
        labels: { engine },
        value: figures ? 1 : 0,
      })),
    }
    const read = [space, postgres, clickhouse].flatMap((figures) => figures ?? [])
    return [...readProcessFigures(ports), up, ...read, ...ports.metrics.figures()]
  }
}

/** Shares a reading among concurrent callers; undefined when it fails or takes too long. */
function bounded(ports: Ports, what: string, read: () => Promise<Figure[]>): () => Promise<Figure[] | undefined> {
  let underWay: Promise<Figure[] | undefined> | undefined
  return () => {
    underWay ??= read()
      .catch((error: unknown) => {
        ports.log.warn({ reason: messageOf(error) }, `figures of ${what} cannot be read`)
        return undefined
      })
      .finally(() => (underWay = undefined))
    return Promise.race([underWay, late()])
  }
}

function late(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, readWithinMs, undefined).unref())
}
