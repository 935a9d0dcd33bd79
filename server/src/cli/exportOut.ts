import { createWriteStream } from 'node:fs'
import { access, constants, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { agrees } from './agrees.ts'
import { CommandError, reasonOf } from './failure.ts'

/** The target of an export. */
export interface ExportOut {
  isStandardOutput: boolean
  take: (body: ReadableStream) => Promise<void>
}

/** Checks that the file may be written, before the export starts; `-` is standard output. */
export async function openExportOut(out: string, { force }: { force: boolean }): Promise<ExportOut> {
  if (out === '-') {
    // A reader that closes early, such as head, is not a failure.
    return {
      isStandardOutput: true,
      take: (body) => pipeline(Readable.fromWeb(body), process.stdout).catch(unlessClosed),
    }
  }
  const path = resolve(out)
  const folder = dirname(path)
  await access(folder, constants.W_OK).catch((error: unknown) => {
    throw new CommandError(
      `--out is ${JSON.stringify(out)}, but in ${folder} nothing can be written (${reasonOf(error)}).`,
    )
  })
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) {
    throw new CommandError(
      `--out is ${JSON.stringify(out)}, which is a folder; name a file, such as ${out.replace(/\/+$/, '')}/calls.csv.`,
    )
  }
  if (there && !force && !(await agrees(`${out} is there already. Write over it? [y/N] `))) {
    throw new CommandError(`${out} is there already; name another file, or write over it with --force.`)
  }
  return { isStandardOutput: false, take: (body) => writeWhole(path, body) }
}

/** The file gets its name when it is complete. */
async function writeWhole(path: string, body: ReadableStream): Promise<void> {
  const draft = `${path}.partial`
  try {
    await pipeline(Readable.fromWeb(body), createWriteStream(draft, { mode: 0o600 }))
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

function unlessClosed(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error
}
