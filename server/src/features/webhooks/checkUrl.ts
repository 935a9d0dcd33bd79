import { isIP } from 'node:net'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { openAddressGuard } from './addressGuard.ts'
import { resolveHost, type ResolveHost } from './resolveHost.ts'

/** Returns what is wrong with the syntax of a webhook URL; undefined when it is valid. Does not check the host. */
export function urlFault(text: string): string | undefined {
  if (text.length > 2048) return 'must have at most 2,048 characters'
  const url = URL.canParse(text) ? new URL(text) : undefined
  // The URL parser silently removes some white space, so it is checked here.
  if (!url || !/^https?:\/\//i.test(text) || /[\s\p{Cc}]/u.test(text) || !text.isWellFormed()) {
    return 'must be an absolute URL such as https://example.com/hooks'
  }
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password'
  return undefined
}

/**
 * Refuses a URL if its host does not resolve, or resolves to an address that may not receive webhooks. Connections are
 * checked again; this check only gives an early and clear answer.
 */
export async function requireAllowedUrl(
  { config }: Pick<Ports, 'config'>,
  text: string,
  resolve: ResolveHost = resolveHost,
): Promise<void> {
  const { protocol, hostname } = new URL(text)
  const guard = openAddressGuard(config.webhookPrivate)
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host]
  if (addresses.length === 0) throw refusedUrl('names a host that does not resolve')
  for (const address of addresses) {
    const refusal = guard.refusal(address, protocol)
    if (refusal !== undefined) throw refusedUrl(`is, or resolves to, ${refusal}`)
  }
}

function refusedUrl(message: string): AppError {
  return new AppError('VALIDATION_ERROR', `The url ${message}.`, { details: [{ field: 'url', message }] })
}
