import { Session } from 'node:inspector/promises'

const checkEveryMs = 5000
/** A process that computes for less of the time than this has nobody waiting for it. */
const idleUtilization = 0.05
/** Growth that is worth a collection, which stops the process for some tens of milliseconds. */
const worthBytes = 48 * 1024 * 1024

/**
 * Gives memory back to the system when a burst of work is over: V8 collects as it allocates, so a process that falls idle
 * keeps the garbage of its last minutes, bodies of requests above all. `stop` ends it.
 */
export function startReturningMemory(): { stop(): void } {
  const session = new Session()
  let before = performance.eventLoopUtilization()
  let left = heldBytes()
  async function check(): Promise<void> {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    if (utilization > idleUtilization || heldBytes() - left < worthBytes) return
    await collectGarbage(session)
    left = heldBytes()
  }
  const timer = setInterval(() => void check(), checkEveryMs).unref()
  return { stop: () => clearInterval(timer) }
}

function heldBytes(): number {
  const { heapTotal, external } = process.memoryUsage()
  return heapTotal + external
}

/** Collects everything that nothing refers to, and hands emptied pages back. */
async function collectGarbage(session: Session): Promise<void> {
  session.connect()
  try {
    await session.post('HeapProfiler.collectGarbage')
  } finally {
    session.disconnect()
  }
}
