import { describe, expect, test } from 'vitest'
import { isWithheld, parseContact } from './contact.ts'

const phone = (number: string) => ({ kind: 'phone', number })
const address = (text: string) => ({ kind: 'address', address: text })

describe('a contact', () => {
  test.each([
    ['+56 9 1234 5678', null, phone('+56912345678')],
    ['+56 (9) 1234-5678', 'AR', phone('+56912345678')],
    ['56912345678', 'AR', phone('+56912345678')],
    ['0056912345678', null, phone('+56912345678')],
    ['011 56 9 1234 5678', 'US', phone('+56912345678')],
    ['9 1234 5678', 'CL', phone('+56912345678')],
    ['020 7946 0958', 'GB', phone('+442079460958')],
    ['+44 (0)20 7946 0958', 'CL', phone('+442079460958')],
    ['(212) 555-2368 ext. 4', 'US', phone('+12125552368')],
    ['212.555.2368 x 4', 'US', phone('+12125552368')],
    ['tel:+1-212-555-2368;ext=4', null, phone('+12125552368')],
    ['sip:+56912345678@pbx.example.com', null, phone('+56912345678')],
    ['011 15 2345 6789', 'AR', phone('+5491123456789')],
    ['+39 02 3661 8300', 'CL', phone('+390236618300')],
    ['600', 'CL', address('600')],
    ['+999 123 456 789', 'CL', address('+999 123 456 789')],
    ['9 1234 5678', 'ZZ', phone('+912345678')],
    [' One@Example.COM ', 'CL', address('one@example.com')],
    ['mailto:one@example.com', null, address('one@example.com')],
    ['12345678@example.com', 'CL', address('12345678@example.com')],
    ['sip:ana@example.com', null, address('ana@example.com')],
    ['ana-1234567', 'CL', address('ana-1234567')],
    ['', 'CL', address('')],
  ])('%j of an account in %s', (text, country, contact) => {
    expect(parseContact(text, country)).toEqual(contact)
  })
})

test.each([
  'anonymous',
  ' Anonymous ',
  'sip:anonymous@anonymous.invalid',
  'sip:anonymous@sip.example.com;user=phone',
  '<sip:Restricted@10.0.0.1>',
  '+266696687',
  'Número privado',
  'UNKNOWN',
  '',
])('%j is nobody in particular', (text) => {
  expect(isWithheld(text)).toBe(true)
})

test.each(['anonymous.jones@example.com', '+56912345678', 'private@example.com', 'sip:ana@example.com'])(
  '%s is somebody',
  (text) => {
    expect(isWithheld(text)).toBe(false)
  },
)
