import { statfs } from 'node:fs/promises'
import { bytesText } from '../../domain/amounts.ts'
import { AppError } from '../../errors.ts'

const trustedForMs = 1000
const measured = new Map<string, { atMs: number; free: Promise<number> }>()

/** Bytes that an unprivileged process may still write to the file system of `directory`. */
export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}

/** Bytes that were promised to what is being written and are not written yet, by directory. */
const promised = new Map<string, number>()

/** Room on a disk for what is still to be written. */
export interface Room {
  /** Says that so much of it is written; what goes beyond what was promised is asked for. Throws DISK_FULL. */
  wrote(bytes: number): Promise<void>
  /** Gives back what is left. */
  release(): void
}

/** What is asked for at a time where nobody said how much there will be. */
const stepBytes = 16 * 1024 * 1024

/**
 * Keeps room for `bytes` more, beyond what others were promised and what must stay free. Throws DISK_FULL. With a minimum
 * of 0 everything is promised.
 */
export async function reserveSpace(directory: string, minimumBytes: number, bytes: number): Promise<Room> {
  let left = 0
  const change = (by: number) => {
    left += by
    promised.set(directory, (promised.get(directory) ?? 0) + by)
  }
  const ask = async (more: number) => {
    if (minimumBytes > 0) {
      // What is large is not asked about an old measurement.
      measured.delete(directory)
      const free = await recentFreeBytes(directory)
      // Nothing comes between looking and promising.
      requireRoom(free - (promised.get(directory) ?? 0), minimumBytes, more)
    }
    change(more)
  }
  await ask(bytes)
  return {
    async wrote(count) {
      if (minimumBytes > 0 && count > left) await ask(Math.max(stepBytes, count))
      change(-Math.min(count, left))
    },
    release() {
      change(-left)
      measured.delete(directory)
    },
  }
}

/**
 * Throws DISK_FULL when the file system of `directory` has less than `minimumBytes` free, with all that
 * was promised; a minimum of 0 asks for nothing. A measurement is trusted for a second, so that every request can ask.
 */
export async function requireFreeSpace(directory: string, minimumBytes: number): Promise<void> {
  if (minimumBytes === 0) return
  requireRoom((await recentFreeBytes(directory)) - (promised.get(directory) ?? 0), minimumBytes, 0)
}

function requireRoom(free: number, minimumBytes: number, moreBytes: number): void {
  if (free - moreBytes >= minimumBytes) return
  if (free >= minimumBytes) {
    throw new AppError(
      'DISK_FULL',
      `The server's disk has no room for ${bytesText(moreBytes)}: ${bytesText(free)} are free, ` +
        `${bytesText(minimumBytes)} must stay free. Nothing was stored; try again when its operator has made space.`,
    )
  }
  throw new AppError(
    'DISK_FULL',
    `The server's disk is nearly full: ${bytesText(Math.max(0, free))} are free, ${bytesText(minimumBytes)} must stay free. ` +
      'Nothing was stored; try again when its operator has made space.',
  )
}

function recentFreeBytes(directory: string): Promise<number> {
  const now = performance.now()
  const known = measured.get(directory)
  if (known !== undefined && now - known.atMs < trustedForMs) return known.free
  const free = freeBytes(directory)
  measured.set(directory, { atMs: now, free })
  return free
}

/** Whether an error of the file system says that there is no space (or quota) left. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
}
