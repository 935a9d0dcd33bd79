import { lookup, Resolver } from 'node:dns/promises'
import { messageOf } from '../../errors.ts'

/** The addresses of a host. Throws when there is none. */
export type ResolveHost = (host: string) => Promise<string[]>

const resolver = new Resolver({ timeout: 2000, tries: 2 })

/**
 * Asks the name servers directly. The system's own look-up runs on few threads, which a host whose name servers hang
 * would hold against all others; so it is only asked about names that the name servers answered they do not know
 * (names of /etc/hosts, or short ones).
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
