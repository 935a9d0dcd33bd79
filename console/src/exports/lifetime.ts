import type { ExportJob } from './exportsApi.ts'

const hourMs = 3_600_000
/** Exports and their files are kept for this time from the start. */
const filesMs = 72 * hourMs
/** Links of these APIs expire this long after completion; the other APIs sign them anew in every answer. */
const linksMs: Readonly<Record<string, number>> = { 'signed-exports': 2 * hourMs, analytics: 2 * hourMs }

/** When the files of an export are removed, in milliseconds since 1970. */
export function filesEndAt({ createdAt }: ExportJob): number {
  return Date.parse(createdAt) + filesMs
}

/** When the links to the files of an export end, in milliseconds since 1970. */
export function linksEndAt(job: ExportJob): number {
  const lifetimeMs = linksMs[job.surface]
  if (lifetimeMs === undefined || job.completedAt === null) return filesEndAt(job)
  return Date.parse(job.completedAt) + lifetimeMs
}
