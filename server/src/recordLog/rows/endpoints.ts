import { removal, type StoredRecord } from '../storedRecord.ts'

/** A call between two endpoints, as the count of repeated calls needs it. */
export interface EndpointCall {
  endpoints: string
  number: number
  startedAt: number
}

/** The two endpoints of a call as one text; undefined for a removed call, or one whose external endpoint is not known. */
export function endpointsOf(call: Pick<StoredRecord, 'values' | 'removed'>): string | undefined {
  const { externalEndpoint, internalEndpoint } = call.values
  if (call.removed !== removal.none || typeof externalEndpoint !== 'string') return undefined
  return endpointsText(externalEndpoint, internalEndpoint)
}

export function endpointsText(external: string, internal: unknown): string {
  // No id holds a space, so that no id is mistaken for endpoints.
  return `${external} ${typeof internal === 'string' ? internal : ''}`
}

export function endpointCallOf(call: StoredRecord): EndpointCall | undefined {
  const endpoints = endpointsOf(call)
  if (endpoints === undefined) return undefined
  return { endpoints, number: call.number, startedAt: Number(call.values['startedAt']) }
}
