import type { App } from '../../app.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres.ts'
import type { ExportFile } from '../exports/export.ts'
import { openLink, type Link } from './link.ts'

/** A file that a link opens. */
export interface LinkedFile {
  key: string
  name: string
  contentType: string
  bytes: number
  /** Hexadecimal. */
  sha256: string
}

/**
 * The file behind a link. Throws LINK_INVALID for a link that was altered or whose account is disabled, GONE for one
 * that came too late or whose file is no more.
 */
export async function findFile(app: App, token: string): Promise<LinkedFile> {
  const link = openLink(app, token)
  const found = await ownerOf(app, link)
  if (found?.disabled_at) throw new AppError('LINK_INVALID', 'This link is not valid: its account is disabled.')
  const file = found?.files[link.index]
  if (!file || (await app.files.size(file.key)) === undefined) {
    throw new AppError('GONE', 'This file is no longer kept; start the export again.')
  }
  return file
}

async function ownerOf(app: App, { id }: Link): Promise<{ files: ExportFile[]; disabled_at: Date | null } | undefined> {
  // The one statement without an account: the signed link stands for the export that it was made for.
  return app.postgres.first(sql`
    SELECT exports.files, accounts.disabled_at
    FROM exports
    JOIN accounts ON accounts.id = exports.account_id
    WHERE exports.id = ${id}
      AND exports.status = 'completed'`)
}
