import type { Ports } from '../../ports.ts'
import type { Context } from '../../context.ts'
import { linkTo } from '../files/link.ts'
import type { Export } from './export.ts'
import { exportLifetimeMs, surfaceRules } from './surfaces.ts'

/**
 * Returns a newly signed URL of a file of a completed export; it expires with the export's links, at the latest with
 * the files. Undefined when the file does not exist (yet, or any more).
 */
export function exportLink(
  context: Pick<Context, 'ports' | 'publicUrl'>,
  found: Export,
  index: number,
): string | undefined {
  const { id, files, createdAt } = found
  const file = files[index]
  const filesEndAt = createdAt.getTime() + exportLifetimeMs
  if (!file || context.ports.now() >= filesEndAt) return undefined
  const endsAt = Math.min(filesEndAt, linksEndAt(context.ports, found))
  return linkTo(context, { kind: 'export', id, index, endsAt }, file.name)
}

function linksEndAt({ now }: Ports, { surface, expiresAt }: Export): number {
  const { linkLifetimeMs, linksBeginWith } = surfaceRules(surface)
  return linksBeginWith === 'reading' ? now() + linkLifetimeMs : (expiresAt?.getTime() ?? 0)
}
