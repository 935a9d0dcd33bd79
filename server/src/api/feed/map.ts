import { STATUS_CODES } from 'node:http'
import type { z } from 'zod'
import { AppError, errorStatus } from '../../errors.ts'
import type { FeedRequest, SortTerm } from '../../features/feed/feedRequest.ts'
import type { PageLink } from '../http/links.ts'
import type { FailureAnswer } from '../http/surface.ts'
import type { feedQuery } from './schema.ts'

type FeedQuery = z.output<typeof feedQuery>

/** The envelope of this API: the status in words, and what is wrong. */
export function failure(error: AppError): FailureAnswer {
  const status = error.code === 'VALIDATION_ERROR' ? 400 : errorStatus[error.code]
  return { status, body: { error: { reason: STATUS_CODES[status], detail: error.message } } }
}

/** The request in internal terms. Throws BAD_REQUEST for conflicting parameters. */
export function feedRequestOf(query: FeedQuery, accept: string | undefined): FeedRequest {
  const isConsecutive = query.consecutive ?? false
  const { sort_by: fields, sort_dir: directions } = query
  if (isConsecutive && fields.length + directions.length > 0) {
    throw new AppError('BAD_REQUEST', 'consecutive=true sorts by callId itself; leave sort_by and sort_dir out.')
  }
  return {
    format: query.format ?? (prefersCsv(accept) ? 'csv' : 'json'),
    isConsecutive,
    afterNumber: query.afterCallId,
    fromTime: query.fromTime,
    toTime: query.toTime,
    period: query.period,
    voicebotAppIds: query.aivrAppId,
    agentIds: query.agentId,
    queueIds: query.queueId,
    internalEndpoints: query.internalEndpoint,
    direction: query.direction,
    isVoicemail: query.voicemail,
    sort: sortOf(fields, directions),
    page: query.page,
    perPage: query.per_page,
  }
}

const ourSortField = { time: 'time', score: 'score', documentId: 'number' } as const

/** Completes a single list with its default: documentId, or asc for each field. */
function sortOf(fields: FeedQuery['sort_by'], directions: FeedQuery['sort_dir']): SortTerm[] {
  const by = fields.length === 0 && directions.length > 0 ? (['documentId'] as const) : fields
  if (directions.length > 0 && directions.length !== by.length) {
    throw new AppError(
      'BAD_REQUEST',
      `sort_by has ${by.length} and sort_dir ${directions.length} entries; each field needs its direction.`,
    )
  }
  return by.map((field, index) => ({ by: ourSortField[field], isDescending: directions[index] === 'desc' }))
}

/** Whether CSV is named and JSON not named before it, or with a higher weight. */
function prefersCsv(accept = ''): boolean {
  const entries = accept.split(',').map((entry) => {
    const [type = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return { type, weight: weight === undefined ? 1 : Number(weight) }
  })
  const weightOf = (type: string) => entries.find((entry) => entry.type === type && entry.weight > 0)?.weight ?? 0
  const csv = weightOf('text/csv')
  const json = weightOf('application/json')
  const isFirst = entries.findIndex(({ type }) => type === 'text/csv') < entries.findIndex(isJson)
  return csv > 0 && (csv > json || (csv === json && isFirst))
}

function isJson({ type }: { type: string }): boolean {
  return type === 'application/json'
}

function pageLink(rel: PageLink['rel'], page: number): PageLink {
  return { rel, parameter: 'page', value: String(page) }
}

/** The pages in the `Link` header of a page. */
export function pageLinksOf(
  { page, perPage }: Pick<FeedRequest, 'page' | 'perPage'>,
  { total, hasMore }: { total: number; hasMore: boolean },
): PageLink[] {
  return [
    pageLink('self', page),
    pageLink('first', 1),
    ...(page > 1 ? [pageLink('prev', page - 1)] : []),
    ...(hasMore ? [pageLink('next', page + 1)] : []),
    pageLink('last', Math.max(1, Math.ceil(total / perPage))),
  ]
}
