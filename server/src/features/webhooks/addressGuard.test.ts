import { describe, expect, test } from 'vitest'
import { openAddressGuard } from './addressGuard.ts'
import { requireAllowedUrl, urlFault } from './checkUrl.ts'

const refused = [
  ['0.0.0.0', 'an unspecified'],
  ['0.1.2.3', 'an unspecified'],
  ['10.0.0.1', 'a private'],
  ['100.64.0.1', 'a carrier-grade NAT'],
  ['100.100.100.200', 'a carrier-grade NAT'],
  ['127.0.0.1', 'a loopback'],
  ['127.255.255.254', 'a loopback'],
  ['168.63.129.16', 'a reserved'],
  ['169.254.169.254', 'a link-local'],
  ['172.16.0.1', 'a private'],
  ['172.31.255.255', 'a private'],
  ['192.0.0.192', 'a reserved'],
  ['192.168.1.1', 'a private'],
  ['198.18.0.1', 'a reserved'],
  ['203.0.113.9', 'a reserved'],
  ['224.0.0.1', 'a multicast'],
  ['240.0.0.1', 'a reserved'],
  ['255.255.255.255', 'a broadcast'],
  ['::', 'an unspecified'],
  ['::1', 'a loopback'],
  ['::ffff:127.0.0.1', 'a loopback'],
  ['::ffff:a00:1', 'a private'],
  ['::127.0.0.1', 'a loopback'],
  ['::7f00:1', 'a reserved'],
  ['64:ff9b::7f00:1', 'a reserved'],
  ['64:ff9b:1::1', 'a reserved'],
  ['100::1', 'a reserved'],
  ['2001::1', 'a reserved'],
  ['2001:db8::1', 'a reserved'],
  ['2002:7f00:1::', 'a reserved'],
  ['fc00::1', 'a unique local'],
  ['fd00:ec2::254', 'a unique local'],
  ['fe80::1', 'a link-local'],
  ['fe80::1%eth0', 'a link-local'],
  ['fec0::1', 'a reserved'],
  ['ff02::1', 'a multicast'],
] as const

describe('addresses', () => {
  test.each(refused)('%s is refused as %s address', (address, kind) => {
    expect(openAddressGuard([]).refusal(address, 'https:')).toBe(`${kind} address, to which this server sends nothing`)
  })

  test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])(
    '%s is sent to, over https only',
    (address) => {
      const guard = openAddressGuard([])
      expect(guard.refusal(address, 'https:')).toBeUndefined()
      expect(guard.refusal(address, 'http:')).toBe('a public address, to which only https is allowed')
    },
  )

  test('of an allowed range are sent to in both ways, others are not', () => {
    const guard = openAddressGuard(['10.1.0.0/16', '127.0.0.1', 'fd00::/8'])
    for (const protocol of ['http:', 'https:']) {
      for (const address of ['10.1.2.3', '127.0.0.1', '::ffff:10.1.2.3', 'fd12::1']) {
        expect(guard.refusal(address, protocol)).toBeUndefined()
      }
      for (const address of ['10.2.0.1', '127.0.0.2', 'fe80::1']) expect(guard.refusal(address, protocol)).toBeDefined()
    }
  })

  test('are all allowed by *', () => {
    const guard = openAddressGuard(['*'])
    for (const [address] of refused) expect(guard.refusal(address, 'http:')).toBeUndefined()
    expect(guard.refusal('1.1.1.1', 'http:')).toBeUndefined()
  })

  test('must be addresses', () => {
    expect(openAddressGuard(['*']).refusal('', 'https:')).toBe('what it resolves to is no IP address')
  })
})

describe('a URL', () => {
  test.each([
    'ftp://example.com/',
    'example.com/hooks',
    'https://',
    'https:example.com',
    ' https://example.com/',
    'https://exa\nmple.com/',
    `https://example.com/${'a'.repeat(2048)}`,
    'https://user@example.com/',
    'https://:secret@example.com/',
  ])('%j is refused', (text) => {
    expect(urlFault(text)).toMatch(/^must /)
  })

  test.each(['https://example.com', 'https://example.com:8443/hooks?token=1', 'HTTP://10.0.0.1/'])(
    '%j is well-formed',
    (text) => {
      expect(urlFault(text)).toBeUndefined()
    },
  )

  const check = (text: string, webhookPrivate: string[] = [], addresses: string[] = ['1.1.1.1']) =>
    requireAllowedUrl({ config: { webhookPrivate } as never }, text, async () => addresses)

  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://１２７.0.0.1/',
  ])('%s is loopback in whatever form', async (text) => {
    await expect(check(text)).rejects.toThrow('a loopback address')
  })

  test('is refused when any address of its host is', async () => {
    await expect(check('https://example.com/', [], ['1.1.1.1', '10.0.0.1'])).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      details: [{ field: 'url', message: 'is, or resolves to, a private address, to which this server sends nothing' }],
    })
  })

  test('is refused when its host does not resolve', async () => {
    await expect(check('https://example.com/', [], [])).rejects.toThrow('does not resolve')
  })

  test('is taken at a public address, over http only where that is allowed', async () => {
    await check('https://example.com/')
    await expect(check('http://example.com/')).rejects.toThrow('only https is allowed')
    await check('http://example.com/', ['10.0.0.0/8'], ['10.0.0.1'])
  })
})
