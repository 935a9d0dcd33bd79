import type { FastifyInstance, FastifyRequest } from 'fastify'
import { collectionNamed } from '../../domain/collections/all.ts'
import { noteRefusal, noteRefusals, type FaultOrigin } from '../../features/ingest/noteRefusal.ts'
import type { IngestCounts } from '../../recordLog/command.ts'
import { asAppError } from '../errors/faults.ts'

/** Counts every refused request with a known sender. */
export function countRefusedRequests(server: FastifyInstance): void {
  server.addHook('onError', async (request, _, error) => {
    if (request.caller && !isDryRun(request)) {
      noteRefusal(request.caller, faultOriginOf(request), asAppError(error).error)
    }
  })
}

/** The answer to stored records; skipped records are counted. */
export function countedAnswer(request: FastifyRequest, { refusals, ...data }: IngestCounts) {
  if (refusals && request.caller && !isDryRun(request)) noteRefusals(request.caller, faultOriginOf(request), refusals)
  return { data }
}

/** A dry run reports its faults and counts as no refusal. */
function isDryRun({ query }: FastifyRequest): boolean {
  return query !== null && typeof query === 'object' && 'dryRun' in query && /^(?:true|1)$/i.test(String(query.dryRun))
}

/** The route of a request, without the values of path parameters. */
function faultOriginOf(request: FastifyRequest): FaultOrigin {
  const url = request.routeOptions.url ?? ''
  const { params } = request
  const given = params !== null && typeof params === 'object' && 'collection' in params ? String(params.collection) : ''
  const named = url.endsWith('/turns') ? 'turns' : given
  const collection = collectionNamed(named)?.name ?? ''
  const path = url.replace(':collection', collection || '{collection}').replace(':id', '{id}')
  return { path: `${request.method} ${path}`, collection }
}
