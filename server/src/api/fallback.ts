import { errorStatus } from '../errors.ts'
import type { Surface } from './surface.ts'

/** The envelope of the management paths, and of everything that no surface claims. */
export const plainFailure: Surface['failure'] = (error, requestId) => ({
  status: errorStatus[error.code],
  body: {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details ? { details: error.details } : {}),
      requestId,
    },
  },
})

/** Answers for paths outside every surface. */
export const fallbackSurface: Surface = {
  name: 'none',
  prefixes: [],
  failure: plainFailure,
  register() {},
}
