import { removal, type StoredRecord } from '../storedRecord.ts'

/** The values of a call that the count of repeated calls needs. */
export interface EndpointCall {
  endpoint: string
  number: number
  startedAt: number
}

/** The external endpoint of a call; undefined for a removed call, or when it is unknown. */
export function endpointOf(call: Pick<StoredRecord, 'values' | 'removed'>): string | undefined {
  return call.removed === removal.none ? endpointText(call.values['externalEndpoint']) : undefined
}

/** The key of an endpoint. An empty text is not an endpoint, although former versions could store one. */
export function endpointText(external: unknown): string | undefined {
  // Ids contain no space, so the space at the end distinguishes the key of an endpoint from an id.
  return typeof external === 'string' && external !== '' ? `${external} ` : undefined
}

export function endpointCallOf(call: StoredRecord): EndpointCall | undefined {
  const endpoint = endpointOf(call)
  if (endpoint === undefined) return undefined
  return { endpoint, number: call.number, startedAt: Number(call.values['startedAt']) }
}
