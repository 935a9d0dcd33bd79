import type { App } from '../../app.ts'
import type { Context } from '../../context.ts'
import { linkTo } from '../files/link.ts'
import type { Export } from './export.ts'
import { exportLifetimeMs, surfaceRules } from './surfaces.ts'

/**
 * The address of a file of a completed export, made anew at every reading; it ends with the export's links, and with
 * the files. Undefined when there is no such file (yet, or any more).
 */
export function exportLink(
  context: Pick<Context, 'app' | 'publicUrl'>,
  found: Export,
  index: number,
): string | undefined {
  const { id, files, createdAt } = found
  const file = files[index]
  const filesEndAt = createdAt.getTime() + exportLifetimeMs
  if (!file || context.app.now() >= filesEndAt) return undefined
  const endsAt = Math.min(filesEndAt, linksEndAt(context.app, found))
  return linkTo(context, { kind: 'export', id, index, endsAt }, file.name)
}

function linksEndAt({ now }: App, { surface, expiresAt }: Export): number {
  const { linkLifetimeMs, linksBeginWith } = surfaceRules(surface)
  return linksBeginWith === 'reading' ? now() + linkLifetimeMs : (expiresAt?.getTime() ?? 0)
}
