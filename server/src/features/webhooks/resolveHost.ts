import { lookup, Resolver } from 'node:dns/promises'
import { messageOf } from '../../errors.ts'

/** Returns the addresses of a host. Throws when it has none. */
export type ResolveHost = (host: string) => Promise<string[]>

const resolver = new Resolver({ timeout: 2000, tries: 2 })

/**
 * Queries the name servers directly, because the system's resolver has few threads and hosts with unresponsive name
 * servers would block all of them. The system's resolver is only used for names that the name servers do not know
 * (names in /etc/hosts, or short ones).
 */
export async function resolveHost(host: string): Promise<string[]> {
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return addresses
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []))
  if (reasons.some((reason) => codeOf(reason) === 'ETIMEOUT')) {
    throw new Error(`The name servers did not answer: ${reasons.map(messageOf).join(', ')}.`)
  }
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
