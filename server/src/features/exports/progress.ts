import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** Reports the progress of an export. */
export interface Progress {
  /** Reports that the selections exist and how many rows will be written. */
  selected(rowCount: number): void
  /** Begins a file; the returned function receives the number of rows written so far. */
  file(): (rows: number) => void
  /** Stops reporting; resolves when all reports are stored. */
  end(): Promise<void>
}

// Clients poll every few seconds.
const pauseMs = 400
// The selection counts for 10 of 100 and writing for 89; completion is the last one.
const selectionShare = 10
const writingShare = 89

/** Stores the progress of one attempt in its row, a few times per second at most. */
export function reportProgress(ports: Ports, { exportId, attempt }: { exportId: string; attempt: number }): Progress {
  let total = 0
  let finished = 0
  let current = 0
  let written = 0
  let writtenAt = -Infinity
  let ended = false
  let writing: Promise<void> | undefined

  async function write(progress: number): Promise<void> {
    await ports.postgres.run(sql`
      UPDATE exports
      SET progress = ${progress}
      WHERE id = ${exportId}
        AND attempt = ${attempt}
        AND status = 'processing'`)
  }

  function report(): void {
    const share = total === 0 ? 1 : Math.min(1, (finished + current) / total)
    const progress = selectionShare + Math.floor(writingShare * share)
    if (ended || writing || progress <= written || performance.now() - writtenAt < pauseMs) return
    written = progress
    writtenAt = performance.now()
    writing = write(progress)
      .catch((error: unknown) => ports.log.warn({ reason: messageOf(error) }, 'progress of an export not stored'))
      .finally(() => (writing = undefined))
  }

  return {
    selected(rowCount) {
      total = rowCount
      report()
    },
    file() {
      finished += current
      current = 0
      return (rows) => {
        current = rows
        report()
      }
    },
    async end() {
      ended = true
      await writing
    },
  }
}
