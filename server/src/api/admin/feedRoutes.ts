import type { FastifyInstance } from 'fastify'
import { formatInstant } from '../../domain/instant.ts'
import { findBlockedCalls } from '../../features/feed/findBlockedCalls.ts'
import { releaseCall } from '../../features/feed/releaseCall.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './feedSchema.ts'

const guarded = { signIn: 'key', scope: 'admin', rate: 'counted' } as const

/** Lists and releases calls that block the call feed. */
export function addFeedRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/feed/blocked',
    bodyKind: 'none',
    summary:
      'Calls that keep the call feed waiting: unfinished, and unchanged for long; lowest number first, at most 100',
    response: { 200: schema.blockedCalls },
    async handler(context) {
      const calls = await findBlockedCalls(context)
      return {
        blockedAfterSeconds: context.ports.config.feedBlockedAfterSeconds,
        data: calls.map(({ startedAt, updatedAt, ...call }) => ({
          ...call,
          startedAt: formatInstant(startedAt),
          updatedAt: formatInstant(updatedAt),
        })),
      }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/v1/admin/feed/release',
    bodyKind: 'json',
    body: schema.releaseBody,
    summary: 'Release an unfinished call that blocks the call feed: its phase becomes ERROR',
    response: { 200: schema.releasedCall },
    async handler(context, request) {
      const { number, id, phase } = await releaseCall(context, request.body)
      return { data: { number, id, phase: 'ERROR', phaseBefore: phase } }
    },
  })
}
