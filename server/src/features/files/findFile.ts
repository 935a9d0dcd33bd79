import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { DamagedFileError } from '../../store/files/files.ts'
import { UnknownMasterKeyError } from '../../store/secrets/secrets.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { ExportFile } from '../exports/export.ts'
import { recordingFile, type RecordingRow } from '../recordings/recording.ts'
import { invalidLink, nameInLink, openLink, type Link } from './link.ts'
import type { LinkedFile } from './linkedFile.ts'

/**
 * Returns the file of a link. Throws LINK_INVALID for an altered link or a disabled account, GONE for an expired link
 * or a deleted file.
 */
export async function findFile(ports: Ports, { token, name }: { token: string; name: string }): Promise<LinkedFile> {
  const link = openLink(ports, token)
  const found = link.kind === 'export' ? await exportedFile(ports, link) : await recordedFile(ports, link)
  if (found?.disabledAt) throw new AppError('LINK_INVALID', 'This link is not valid: its account is disabled.')
  if (!found?.file || (await sizeOf(ports, found.file.key)) === undefined) throw noLongerKept(link.kind)
  if (name !== nameInLink(found.file.name)) throw invalidLink()
  return found.file
}

/** Logs a damaged file, so that operators learn of it. */
async function sizeOf(ports: Ports, key: string): Promise<number | undefined> {
  try {
    return await ports.files.size(key)
  } catch (error) {
    if (!(error instanceof DamagedFileError || error instanceof UnknownMasterKeyError)) throw error
    ports.log.error({ err: error, key }, 'a stored file cannot be read')
    throw new AppError('GONE', 'This file cannot be read any more: what is stored of it is damaged.', { cause: error })
  }
}

function noLongerKept(kind: Link['kind']): AppError {
  const remedy = kind === 'export' ? 'start the export again' : 'it was deleted or replaced'
  return new AppError('GONE', `This file is no longer kept; ${remedy}.`)
}

interface FoundFile {
  file: LinkedFile | undefined
  disabledAt: Date | null
}

// These two statements have no account condition, because the signed link identifies the file.
async function exportedFile(ports: Ports, { id, index }: Link): Promise<FoundFile | undefined> {
  const row = await ports.postgres.first<{ files: ExportFile[]; disabled_at: Date | null }>(sql`
    SELECT exports.files, accounts.disabled_at
    FROM exports
    JOIN accounts ON accounts.id = exports.account_id
    WHERE exports.id = ${id}
      AND exports.status = 'completed'`)
  return row && { file: row.files[index], disabledAt: row.disabled_at }
}

async function recordedFile(ports: Ports, { id }: Link): Promise<FoundFile | undefined> {
  const row = await ports.postgres.first<RecordingRow & { disabled_at: Date | null }>(sql`
    SELECT recordings.*, accounts.disabled_at
    FROM recordings
    JOIN accounts ON accounts.id = recordings.account_id
    WHERE recordings.id = ${id}
      AND recordings.state = 'stored'`)
  return row && { file: recordingFile(row), disabledAt: row.disabled_at }
}
