import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** The file by which commands find the server of a data folder. */
const servedBy = z.object({ pid: z.int().positive(), url: z.url() })
export type ServedBy = z.infer<typeof servedBy>

const pathIn = (dataDirectory: string): string => join(dataDirectory, 'serve.json')

/** Writes the address of this process, atomically. */
export async function writeServeFile(dataDirectory: string, url: string): Promise<void> {
  const path = pathIn(dataDirectory)
  await writeFile(`${path}.${process.pid}`, `${JSON.stringify({ pid: process.pid, url })}\n`, { mode: 0o600 })
  await rename(`${path}.${process.pid}`, path)
}

/** Removes the file unless another process has replaced it. */
export async function removeServeFile(dataDirectory: string): Promise<void> {
  if ((await readNote(dataDirectory))?.pid === process.pid) await rm(pathIn(dataDirectory), { force: true })
}

/** The process that serves the data folder, if it runs. A killed process leaves its file behind. */
export async function findServer(dataDirectory: string): Promise<ServedBy | undefined> {
  const note = await readNote(dataDirectory)
  return note && isAlive(note.pid) ? note : undefined
}

async function readNote(dataDirectory: string): Promise<ServedBy | undefined> {
  const text = await readFile(pathIn(dataDirectory), 'utf8').catch(() => 'null')
  try {
    return servedBy.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
