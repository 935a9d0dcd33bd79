import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { requireFreeSpace } from '../../store/files/disk.ts'

/** Throws DISK_FULL when the disk of the data folder is too full for writing. */
export async function requireSpace({ config }: Pick<Ports, 'config'>): Promise<void> {
  await requireFreeSpace(config.dataDirectory, config.minimumFreeBytes)
}

/** Whether anything may be written. */
export async function hasSpace(ports: Pick<Ports, 'config'>): Promise<boolean> {
  try {
    await requireSpace(ports)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'DISK_FULL') return false
    throw error
  }
}
