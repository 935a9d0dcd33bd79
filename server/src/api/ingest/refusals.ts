import type { FastifyInstance, FastifyRequest } from 'fastify'
import { collectionNamed } from '../../domain/collections/all.ts'
import { noteRefusal, noteRefusals, type FaultOrigin } from '../../features/ingest/noteRefusal.ts'
import type { IngestCounts } from '../../recordLog/command.ts'
import { asAppError } from '../errors/faults.ts'

/** Counts every request that is refused here once its sender is known. */
export function countRefusedRequests(server: FastifyInstance): void {
  server.addHook('onError', async (request, _, error) => {
    if (request.caller && !isDryRun(request)) {
      noteRefusal(request.caller, faultOriginOf(request), asAppError(error).error)
    }
  })
}

/** The answer to what was taken in; the records that were skipped are counted. */
export function countedAnswer(request: FastifyRequest, { refusals, ...data }: IngestCounts) {
  if (refusals && request.caller && !isDryRun(request)) noteRefusals(request.caller, faultOriginOf(request), refusals)
  return { data }
}

/** A check asks for its faults: nothing was refused. */
function isDryRun({ query }: FastifyRequest): boolean {
  return query !== null && typeof query === 'object' && 'dryRun' in query && /^(?:true|1)$/i.test(String(query.dryRun))
}

/** Where a request went, without what a sender put into the path. */
function faultOriginOf(request: FastifyRequest): FaultOrigin {
  const url = request.routeOptions.url ?? ''
  const { params } = request
  const given = params !== null && typeof params === 'object' && 'collection' in params ? String(params.collection) : ''
  const named = url.endsWith('/turns') ? 'turns' : given
  const collection = collectionNamed(named)?.name ?? ''
  const path = url.replace(':collection', collection || '{collection}').replace(':id', '{id}')
  return { path: `${request.method} ${path}`, collection }
}
