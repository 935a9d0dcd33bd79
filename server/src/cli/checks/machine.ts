import { existsSync } from 'node:fs'
import { access, constants, link, mkdtemp, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../../config.ts'
import { bytesText } from '../../domain/amounts.ts'
import { startOfDay } from '../../domain/period.ts'
import { freeBytes } from '../../store/files/disk.ts'
import { memoryBytes } from '../../store/memory.ts'
import { fail, ok, warn, type Finding } from './check.ts'

const neededMajor = 24
const comfortableMemory = 2_000_000_000
/** The check warns below this number of free bytes. */
export const comfortableDisk = 2_000_000_000

export function checkRuntime(): Finding {
  const { node } = process.versions
  const isEnough = Number.parseInt(node, 10) >= neededMajor
  return isEnough
    ? ok('runtime', `Node.js ${node}, ${process.platform}-${process.arch}`)
    : fail(
        'runtime',
        `Node.js ${node}`,
        `Run npm install, and start Earshot with bin/earshot.js, which finds Node.js ${neededMajor}.`,
      )
}

export function checkMemory(): Finding {
  const total = memoryBytes()
  return total >= comfortableMemory
    ? ok('memory', bytesText(total))
    : warn(
        'memory',
        bytesText(total),
        `Give the machine, or the container, ${bytesText(comfortableMemory)} or more; large reports may fail otherwise.`,
      )
}

/** Checks that files in the data folder can be written, synced and linked. */
export async function checkFolder({ dataDirectory }: Config): Promise<Finding> {
  const check = 'data folder'
  if (!existsSync(dataDirectory)) {
    const parent = nearestFolder(dataDirectory)
    const writable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    )
    return writable
      ? ok(check, `${dataDirectory} is not there yet; the first start makes it`)
      : fail(
          check,
          `${dataDirectory} is not there, and ${parent} cannot be written`,
          'Make the folder and give it to the user that runs Earshot, or choose another with EARSHOT_DATA_DIR.',
        )
  }
  if (!(await stat(dataDirectory)).isDirectory()) {
    return fail(check, `${dataDirectory} is a file`, 'Move it away, or choose another folder with EARSHOT_DATA_DIR.')
  }
  const probe = await mkdtemp(join(dataDirectory, '.doctor-')).catch(() => undefined)
  if (probe === undefined) {
    return fail(
      check,
      `${dataDirectory} cannot be written`,
      'Give it to the user that runs Earshot with chown, or choose another with EARSHOT_DATA_DIR.',
    )
  }
  try {
    await using handle = await open(join(probe, 'file'), 'wx')
    await handle.writeFile('probe')
    await handle.sync()
    await link(join(probe, 'file'), join(probe, 'link'))
    return ok(check, `${dataDirectory} can be written and has hard links`)
  } catch {
    return fail(
      check,
      `${dataDirectory} is on a file system without hard links`,
      'Put it on a local file system such as ext4, xfs or APFS.',
    )
  } finally {
    await rm(probe, { recursive: true, force: true })
  }
}

export async function checkDisk({ dataDirectory, minimumFreeBytes }: Config): Promise<Finding> {
  const free = await freeBytes(nearestFolder(dataDirectory))
  const found = `${bytesText(free)} are free`
  if (free < minimumFreeBytes) {
    return fail(
      'disk',
      found,
      `Make space: below ${bytesText(minimumFreeBytes)} (EARSHOT_MIN_FREE_BYTES) nothing more is taken in.`,
    )
  }
  if (free < minimumFreeBytes + comfortableDisk) return warn('disk', found, 'Make space soon.')
  return ok('disk', found)
}

/** The hardest day of a zone that customers use: in Santiago midnight of 6 September 2026 does not exist. */
export function checkZones(): Finding {
  const found = `time zone data ${process.versions.tz ?? 'of the system'}`
  const isRight = startOfDay('2026-09-06', 'America/Santiago') === Date.UTC(2026, 8, 6, 4)
  return isRight
    ? ok('time zones', found)
    : fail(
        'time zones',
        `${found} gives Santiago wrong days`,
        'Start Earshot with bin/earshot.js, which has its own runtime.',
      )
}

function nearestFolder(path: string): string {
  let folder = path
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder)
  return folder
}
