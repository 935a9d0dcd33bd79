import type { App } from '../../app.ts'
import { linkTo } from '../files/link.ts'
import type { Export } from './export.ts'
import { exportLifetimeMs } from './surfaces.ts'

/**
 * The address of a file of a completed export, made anew at every reading; it ends with the export's links, and with
 * the export itself. Undefined when there is no such file (yet).
 */
export function exportLink(app: App, { id, files, createdAt, expiresAt }: Export, index: number): string | undefined {
  if (!files[index]) return undefined
  const endsAt = createdAt.getTime() + exportLifetimeMs
  return linkTo(app, { kind: 'export', id, index, endsAt: Math.min(endsAt, expiresAt?.getTime() ?? endsAt) })
}
