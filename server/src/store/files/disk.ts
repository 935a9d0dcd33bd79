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

/** Bytes by directory that are reserved for running writes and not written yet. */
const reserved = new Map<string, number>()

/** Reserved bytes on a disk for a running write. */
export interface SpaceReservation {
  /** Reports written bytes, and reserves more when they exceed the reservation. Throws DISK_FULL. */
  wrote(bytes: number): Promise<void>
  /** Frees the rest of the reservation. */
  release(): void
}

/** How much is reserved at a time when the size is unknown. */
const stepBytes = 16 * 1024 * 1024

/**
 * Reserves `bytes`, beyond the reservations of others and the minimum that must stay free. Throws DISK_FULL. With a
 * minimum of 0 nothing is checked.
 */
export async function reserveSpace(directory: string, minimumBytes: number, bytes: number): Promise<SpaceReservation> {
  let left = 0
  const change = (by: number) => {
    left += by
    reserved.set(directory, (reserved.get(directory) ?? 0) + by)
  }
  const reserve = async (more: number) => {
    if (minimumBytes > 0) {
      // Measure again, because an old measurement is too inexact for a large write.
      measured.delete(directory)
      const free = await recentFreeBytes(directory)
      // No await stands between the check and the reservation.
      requireRoom(free - (reserved.get(directory) ?? 0), minimumBytes, more)
    }
    change(more)
  }
  await reserve(bytes)
  return {
    async wrote(count) {
      if (minimumBytes > 0 && count > left) await reserve(Math.max(stepBytes, count))
      change(-Math.min(count, left))
    },
    release() {
      change(-left)
      measured.delete(directory)
    },
  }
}

/**
 * Throws DISK_FULL when the file system of `directory` has less than `minimumBytes` free after all reservations; a
 * minimum of 0 checks nothing. A measurement is reused for a second, so that every request can call this.
 */
export async function requireFreeSpace(directory: string, minimumBytes: number): Promise<void> {
  if (minimumBytes === 0) return
  requireRoom((await recentFreeBytes(directory)) - (reserved.get(directory) ?? 0), minimumBytes, 0)
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
