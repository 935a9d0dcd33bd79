import { copyFile, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import { sha256Of } from './manifest.ts'

/** Copies a folder durably and compares every byte of the copy. */
export async function copyFolder(from: string, to: string, onBytes: (bytes: number) => void): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) {
      await copyFolder(source, target, onBytes)
      continue
    }
    await copyFile(source, target)
    await using handle = await open(target, 'r')
    await handle.sync()
    if ((await sha256Of(source)) !== (await sha256Of(target))) {
      throw new AppError(
        'INTERNAL_ERROR',
        `${target} is not what ${source} is after it was copied; check both disks. Nothing was put into the data folder.`,
      )
    }
    onBytes((await handle.stat()).size)
  }
}
