import type { IncomingHttpHeaders } from 'node:http'
import { createGzip, createZstdCompress, constants } from 'node:zlib'
import type { Transform } from 'node:stream'
import type { ChangeFormat } from '../../features/changes/readChanges.ts'
import { plainFailure } from '../errors/fallback.ts'
import type { Surface } from '../http/surface.ts'

/** The plain envelope; a fault of a query is a bad request. */
export const failure: Surface['failure'] = (error, requestId) => {
  const answer = plainFailure(error, requestId)
  return error.code === 'VALIDATION_ERROR' ? { ...answer, status: 400 } : answer
}

export const contentTypes: Record<ChangeFormat, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** The format that a request asks for by its headers. */
export function formatOf({ accept }: IncomingHttpHeaders): ChangeFormat {
  const weights = weightsOf(accept)
  const parquet = weights.get('application/vnd.apache.parquet') ?? 0
  const ndjson = weights.get('application/x-ndjson') ?? 0
  return parquet > ndjson ? 'parquet' : 'ndjson'
}

export type Compression = 'gzip' | 'zstd' | 'none'

/** The content coding that a request prefers of those that we have; zstd where it likes both the same. */
export function compressionOf(headers: IncomingHttpHeaders): Compression {
  const accepted = headers['accept-encoding']
  const weights = weightsOf(Array.isArray(accepted) ? accepted.join() : accepted)
  const others = weights.get('*') ?? 0
  const zstd = weights.get('zstd') ?? others
  const gzip = weights.get('gzip') ?? others
  if (zstd === 0 && gzip === 0) return 'none'
  return zstd >= gzip ? 'zstd' : 'gzip'
}

/** What compresses a body; the lightest levels, since rows of records shrink to a tenth with them already. */
export function compressor(compression: Exclude<Compression, 'none'>): Transform {
  return compression === 'gzip'
    ? createGzip({ level: constants.Z_BEST_SPEED })
    : createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

/** `a;q=0.5, b` as `a → 0.5, b → 1`. */
function weightsOf(header: string | undefined): Map<string, number> {
  const entries = (header ?? '').split(',').map((entry): [string, number] => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const weight = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1)
    return [name, Number.isFinite(weight) ? weight : 1]
  })
  return new Map(entries)
}
