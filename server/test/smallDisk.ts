import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  /** Fills it until so many bytes are free. */
  fill(leftBytes: number): Promise<void>
  /** Takes away what filled it. */
  clear(): Promise<void>
  unmount(): void
}

/** Mounts a small file system at a folder, in memory; undefined where this process may not. */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  const filler = join(folder, 'filler')
  return {
    async fill(leftBytes) {
      await using file = await open(filler, 'a')
      const block = Buffer.alloc(64 * 1024)
      try {
        for (;;) {
          const { bavail, bsize } = await statfs(folder)
          const more = bavail * bsize - leftBytes
          if (more <= 0) return
          await file.write(block, 0, Math.min(block.length, more))
        }
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      }
    },
    clear: () => rm(filler, { force: true }),
    unmount: () => execFileSync('umount', ['-l', folder]),
  }
}
