import type { ExportRequest } from '../../features/exports/export.ts'
import { startBody, type StartBody } from './schema.ts'

/** The body that starts an export again; null for what this API cannot be asked, whichever API started it. */
export function bodyOf({ datasets, format, compression, columns, parameters }: ExportRequest): StartBody | null {
  const { from, to, ...others } = parameters
  // Local days were turned into instants as well.
  const period = 'dateFrom' in parameters ? {} : { from, to }
  const { data } = startBody.safeParse({
    datasets,
    format,
    compression: compression ?? 'none',
    ...(columns ? { columns } : {}),
    ...others,
    ...period,
  })
  return data ?? null
}
