import type { FastifyInstance } from 'fastify'
import { addReview } from '../../features/reviews/addReview.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './reviewSchema.ts'

/** Reviews that users add on the page of a call. */
export function addReviewRoutes(server: FastifyInstance): void {
  addRoute(server, {
    method: 'POST',
    url: '/v1/console/reviews',
    signIn: 'key',
    scope: 'calls:read',
    rate: 'counted',
    bodyKind: 'json',
    body: schema.newReview,
    response: { 201: schema.addedReview },
    summary: 'Add a review to a call, in the name of the signed-in user',
    description:
      'A user needs the role analyst or admin, an API key the scope ingest:write, too. Besides the question it takes an answer, a score or a comment, or several of these.',
    handler: async (context, request, reply) => {
      const data = await addReview(context, request.body)
      return reply.code(201).send({ data })
    },
  })
}
