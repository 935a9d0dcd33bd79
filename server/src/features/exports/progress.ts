import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** How far an export is, as its row tells. */
export interface Progress {
  /** The selections are taken; so many rows are to be written. */
  selected(rowCount: number): void
  /** Begins a file; what it returns is told the rows that the file has so far. */
  file(): (rows: number) => void
  /** No more is reported; resolves when what was reported is written. */
  end(): Promise<void>
}

// Reading happens every few seconds.
const pauseMs = 400
// What the selection counts for, of 100; completion is the last one.
const selectionShare = 10
const writingShare = 89

/** Writes the progress of one attempt into its row, a few times a second at most. */
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
      .catch((error: unknown) =>
        ports.log.warn({ reason: messageOf(error) }, 'the progress of an export is not written'),
      )
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
