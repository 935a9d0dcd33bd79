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

/**
 * Throws DISK_FULL when the file system of `directory` has less than `minimumBytes` free; 0 asks for nothing.
 * A measurement is trusted for a second, so that every request can ask.
 */
export async function requireFreeSpace(directory: string, minimumBytes: number): Promise<void> {
  if (minimumBytes === 0) return
  const free = await recentFreeBytes(directory)
  if (free >= minimumBytes) return
  throw new AppError(
    'DISK_FULL',
    `The server's disk is nearly full: ${bytesText(free)} are free, ${bytesText(minimumBytes)} must stay free. ` +
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

/** Throws DISK_FULL for what `isDiskFull` recognised. */
export function throwDiskFull(cause: unknown): never {
  throw new AppError('DISK_FULL', "The server's disk is full. Nothing was stored; try again when there is space.", {
    cause,
  })
}
