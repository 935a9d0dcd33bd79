import type { ExportRequest } from '../../features/exports/export.ts'
import { startBody, type StartBody } from './schema.ts'

/** The body that starts the same export again; null if this API cannot express it. */
export function bodyOf({ datasets, format, compression, columns, parameters }: ExportRequest): StartBody | null {
  const { from, to, ...others } = parameters
  // The job holds local days as instants too.
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
