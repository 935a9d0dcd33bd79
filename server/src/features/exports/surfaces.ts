import type { Scope } from '../../domain/scopes.ts'

/** The rules of a published API for the exports that it starts. */
interface SurfaceRules {
  /** The scope for reading them. */
  readScope: Scope
  linkLifetimeMs: number
  /** The start of a link's lifetime: the completion of the export, or each reading, which signs a new link. */
  linksBeginWith: 'completion' | 'reading'
  /** How many of an account's newest records remain after their files are deleted; none by default. */
  keptRecords?: number
}

const hourMs = 3_600_000

/** The APIs that start exports. A published API sees its own exports; `export-jobs` sees all. */
const exportSurfaces = {
  'signed-exports': { readScope: 'analytics:export', linkLifetimeMs: 2 * hourMs, linksBeginWith: 'completion' },
  analytics: { readScope: 'analytics:read', linkLifetimeMs: 2 * hourMs, linksBeginWith: 'completion' },
  datasets: {
    readScope: 'analytics:export',
    linkLifetimeMs: hourMs,
    linksBeginWith: 'reading',
    // Users who export nightly look back over weeks.
    keptRecords: 100,
  },
  'export-jobs': { readScope: 'analytics:export', linkLifetimeMs: hourMs, linksBeginWith: 'reading' },
} satisfies Record<string, SurfaceRules>

export type ExportSurface = keyof typeof exportSurfaces

/** The visible exports of an account: those of one surface, or all. */
export type ExportView = ExportSurface | 'all'

/** Returns the rules of a surface. */
export function surfaceRules(surface: ExportSurface): SurfaceRules {
  return exportSurfaces[surface]
}

/** Returns the scope that a view requires. */
export function readScope(view: ExportView): Scope {
  return view === 'all' ? 'analytics:export' : exportSurfaces[view].readScope
}

/** Lifetime of an export's files and record. */
export const exportLifetimeMs = 72 * 3_600_000

/**
 * Returns the creation time from which exports are visible: only the surface that keeps records longer than files sees
 * them longer.
 */
export function seenSince(view: ExportView, now: number): Date {
  const isKeeper = view !== 'all' && surfaceRules(view).keptRecords !== undefined
  return new Date(isKeeper ? 0 : now - exportLifetimeMs)
}
