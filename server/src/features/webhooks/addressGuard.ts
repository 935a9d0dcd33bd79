import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.parse>

/** Decides which addresses may receive webhooks. */
export interface AddressGuard {
  /**
   * Returns why the server does not send to an address over `protocol` (`http:` or `https:`); undefined when it may.
   */
  refusal(address: string, protocol: string): string | undefined
}

/** The IPv6 range that the internet routes, and an IPv4 address at which a cloud provider serves its own machines. */
const globalUnicast = ipaddr.parseCIDR('2000::/3')
const cloudServices = new Set(['168.63.129.16'])

const kinds: Record<string, string> = {
  loopback: 'a loopback',
  private: 'a private',
  linkLocal: 'a link-local',
  uniqueLocal: 'a unique local',
  carrierGradeNat: 'a carrier-grade NAT',
  multicast: 'a multicast',
  unspecified: 'an unspecified',
  broadcast: 'a broadcast',
}

/**
 * Allows public addresses over https, and those in `allowed` (addresses, CIDR ranges, or `*` for all) over http too. An
 * IPv4 address that is mapped into IPv6 counts as IPv4.
 */
export function openAddressGuard(allowed: readonly string[]): AddressGuard {
  const isAnyAllowed = allowed.includes('*')
  const ranges = allowed.filter((entry) => entry !== '*').map(rangeOf)
  const isListed = (address: Address) =>
    isAnyAllowed || ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
  return {
    refusal(text, protocol) {
      // A link-local IPv6 address may carry an interface name.
      const bare = text.replace(/%.*$/, '')
      if (!ipaddr.isValid(bare)) return 'what it resolves to is no IP address'
      const address = ipaddr.process(bare)
      if (isListed(address)) return undefined
      const kind = specialKind(address)
      if (kind !== undefined) return `${kind} address, to which this server sends nothing`
      return protocol === 'https:' ? undefined : 'a public address, to which only https is allowed'
    },
  }
}

function rangeOf(entry: string): [Address, number] {
  if (entry.includes('/')) return ipaddr.parseCIDR(entry)
  const address = ipaddr.process(entry)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}

/** Returns the kind of a special-purpose address; undefined for a public one. */
function specialKind(address: Address): string | undefined {
  const range = address.range()
  if (range !== 'unicast') return kinds[range] ?? 'a reserved'
  if (address.kind() === 'ipv6' && !address.match(...globalUnicast)) return 'a reserved'
  return cloudServices.has(address.toString()) ? 'a reserved' : undefined
}
