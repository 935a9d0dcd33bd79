import type { IncomingHttpHeaders } from 'node:http'
import type { ChangeFormat } from '../../features/changes/readChanges.ts'
import { weightsOf } from '../http/compression.ts'
import { plainFailure } from '../errors/fallback.ts'
import type { Surface } from '../http/surface.ts'

/** The plain envelope; an invalid query is a bad request. */
export const failure: Surface['failure'] = (error, requestId) => {
  const answer = plainFailure(error, requestId)
  return error.code === 'VALIDATION_ERROR' ? { ...answer, status: 400 } : answer
}

export const contentTypes: Record<ChangeFormat, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** The format that the headers of a request ask for. */
export function formatOf({ accept }: IncomingHttpHeaders): ChangeFormat {
  const weights = weightsOf(accept)
  const parquet = weights.get('application/vnd.apache.parquet') ?? 0
  const ndjson = weights.get('application/x-ndjson') ?? 0
  return parquet > ndjson ? 'parquet' : 'ndjson'
}
