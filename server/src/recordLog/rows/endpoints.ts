import { removal, type StoredRecord } from '../storedRecord.ts'

/** A call of an external endpoint, as the count of repeated calls needs it. */
export interface EndpointCall {
  endpoint: string
  number: number
  startedAt: number
}

/** The external endpoint of a call; undefined for a removed call, or one of which it is not known. */
export function endpointOf(call: Pick<StoredRecord, 'values' | 'removed'>): string | undefined {
  return call.removed === removal.none ? endpointText(call.values['externalEndpoint']) : undefined
}

/** An empty text, which could be stored once, is no endpoint. */
export function endpointText(external: unknown): string | undefined {
  // No id holds a space, so that no id is mistaken for an endpoint.
  return typeof external === 'string' && external !== '' ? `${external} ` : undefined
}

export function endpointCallOf(call: StoredRecord): EndpointCall | undefined {
  const endpoint = endpointOf(call)
  if (endpoint === undefined) return undefined
  return { endpoint, number: call.number, startedAt: Number(call.values['startedAt']) }
}
