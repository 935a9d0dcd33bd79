import { z } from 'zod'
import { errorStatus } from '../../errors.ts'
import type { Surface } from '../http/surface.ts'

/** The envelope of the management paths and of paths without a surface. */
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

/** One fault in a request, for envelopes with details. */
export const faultShape = z.strictObject({
  index: z.int().optional().describe('Which record of a batch, from 0'),
  field: z.string().optional(),
  reason: z.string().optional(),
  message: z.string(),
})

/** The shape of the plain envelope. */
export const plainFailureShape = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string().describe('What is wrong and what would be right'),
    details: z.array(faultShape).optional(),
    requestId: z.string().describe('As in the header X-Request-Id'),
  }),
})

/** Answers for paths outside every surface. */
export const fallbackSurface: Surface = {
  name: 'none',
  prefixes: [],
  failure: plainFailure,
  register() {},
}
