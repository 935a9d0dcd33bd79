import type { Surface } from '../http/surface.ts'
import { plainFailure } from '../errors/fallback.ts'

/** The plain envelope; an invalid query is a bad request. */
export const failure: Surface['failure'] = (error, requestId) => {
  const answer = plainFailure(error, requestId)
  return error.code === 'VALIDATION_ERROR' ? { ...answer, status: 400 } : answer
}
