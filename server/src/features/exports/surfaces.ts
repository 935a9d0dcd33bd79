import type { Scope } from '../../domain/scopes.ts'

/** What a published API promises about the exports that it starts. */
interface SurfaceRules {
  /** The scope that asks after them. */
  readScope: Scope
  linkLifetimeMs: number
  /** What a link's lifetime begins with: the completion of the export, or each reading of it, which signs it anew. */
  linksBeginWith: 'completion' | 'reading'
  /** How many of an account's newest records stay when their files are gone; none by default. */
  keptRecords?: number
}

const hourMs = 3_600_000

/** The APIs that start exports. A published one sees those that it started; `export-jobs` sees all. */
const exportSurfaces = {
  'signed-exports': { readScope: 'analytics:export', linkLifetimeMs: 2 * hourMs, linksBeginWith: 'completion' },
  analytics: { readScope: 'analytics:read', linkLifetimeMs: 2 * hourMs, linksBeginWith: 'completion' },
  datasets: {
    readScope: 'analytics:export',
    linkLifetimeMs: hourMs,
    linksBeginWith: 'reading',
    // A user who exports every night looks back over weeks.
    keptRecords: 100,
  },
  'export-jobs': { readScope: 'analytics:export', linkLifetimeMs: hourMs, linksBeginWith: 'reading' },
} satisfies Record<string, SurfaceRules>

export type ExportSurface = keyof typeof exportSurfaces

/** Which exports of an account are seen: those of one surface, or all. */
export type ExportView = ExportSurface | 'all'

/** The rules of the surface that started an export. */
export function surfaceRules(surface: ExportSurface): SurfaceRules {
  return exportSurfaces[surface]
}

/** The scope that such a view needs. */
export function readScope(view: ExportView): Scope {
  return view === 'all' ? 'analytics:export' : exportSurfaces[view].readScope
}

/** How long the files of an export are kept, with its record. */
export const exportLifetimeMs = 72 * 3_600_000

/** From when on an export is seen: a record that is kept for longer than its files is seen by its own surface alone. */
export function seenSince(view: ExportView, now: number): Date {
  const isKeeper = view !== 'all' && surfaceRules(view).keptRecords !== undefined
  return new Date(isKeeper ? 0 : now - exportLifetimeMs)
}
