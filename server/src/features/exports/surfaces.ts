import type { Scope } from '../../domain/scopes.ts'

/** What a published API promises about the exports that it starts. */
interface SurfaceRules {
  /** The scope that asks after them. */
  readScope: Scope
  /** How long after completion its links live; undefined: as long as the export is kept. */
  linkLifetimeMs: number | undefined
}

const twoHoursMs = 2 * 3_600_000

/** The published APIs that start exports. An export is seen only through the one that started it. */
export const exportSurfaces = {
  'signed-exports': { readScope: 'analytics:export', linkLifetimeMs: twoHoursMs },
} satisfies Record<string, SurfaceRules>

export type ExportSurface = keyof typeof exportSurfaces

/** How long the record of an export is kept, with its files. */
export const exportLifetimeMs = 72 * 3_600_000
