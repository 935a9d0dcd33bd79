import { requireScope, type Context } from '../../context.ts'
import { requireEndpoint, type Endpoint } from './endpoint.ts'

/** Reads an endpoint of the account. Throws RESOURCE_NOT_FOUND for other ids. */
export async function getEndpoint(context: Context, endpointId: string): Promise<Endpoint> {
  requireScope(context, 'webhooks:manage')
  return requireEndpoint(context, context.ports.postgres, endpointId)
}
