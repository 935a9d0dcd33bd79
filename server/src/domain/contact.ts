import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** A way to reach a person: a phone number in E.164 without its extension, or any other address in small letters. */
export type Contact = { kind: 'phone'; number: string } | { kind: 'address'; address: string }

const scheme = /^(?:tel|sips?|callto|mailto|whatsapp):/i
// At least seven digits among what people write between them; an extension may follow.
const phoneForm = /^[+(]?(?:[\d ().\-/\u00a0\u2010-\u2015]){7,}(?:(?:;|,|#|x|ext).*)?$/i
const fewestDigits = 7

/**
 * Reads a phone number in any common notation, or another address such as e-mail. A number without a country code
 * belongs to `country` (ISO 3166); when that is unknown, digits that begin with a calling code count as international.
 */
export function parseContact(text: string, country: string | null): Contact {
  const plain = text.normalize('NFKC').trim().replace(scheme, '')
  const userOfSip = /^sips?:/i.test(text.trim()) ? plain.replace(/[@;].*$/, '') : plain
  const number = phoneForm.test(userOfSip) ? phoneNumber(userOfSip, country) : undefined
  return number === undefined ? { kind: 'address', address: plain.toLowerCase() } : { kind: 'phone', number }
}

/** Texts that telephone networks and software use instead of a withheld or unknown number. */
const withheld = new Set(
  (
    'anonymous,blocked,no caller id,no number,number withheld,private,private number,restricted,unavailable,unknown,withheld,' +
    'null,none,n/a,anónimo,anonimo,desconocido,no disponible,número desconocido,número oculto,número privado,' +
    'numero desconocido,numero oculto,numero privado,oculto,privado,restringido,' +
    // RFC 3323.
    'anonymous@anonymous.invalid,' +
    // ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN and UNAVAILABLE on the keys of a telephone.
    '266696687,7378742833,2562533,8656696,86282452253'
  ).split(','),
)

/** Whether a text means an unknown caller; it identifies nobody, because all withheld numbers share it. */
export function isWithheld(text: string): boolean {
  const given = text.normalize('NFKC').trim().replaceAll(/^<|>$/g, '').toLowerCase()
  const plain = given.replace(scheme, '').replace(/^\+/, '')
  // Only SIP addresses are cut at the at sign: in an e-mail address the part before it is an ordinary name.
  const user = /^sips?:/.test(given) ? plain.replace(/[@;].*$/, '') : plain
  return plain === '' || withheld.has(plain) || withheld.has(user)
}

/** Whether two contacts are the same. */
export function isSameContact(left: Contact, right: Contact): boolean {
  if (left.kind === 'phone') return right.kind === 'phone' && left.number === right.number
  return right.kind === 'address' && left.address === right.address
}

function phoneNumber(text: string, country: string | null): string | undefined {
  const digits = text.replace(/(?:[;,#x]|ext).*$/i, '').replaceAll(/\D/g, '')
  if (digits.length < fewestDigits) return undefined
  const defaultCountry = country !== null && isSupportedCountry(country) ? country : undefined
  const own = parsePhoneNumberFromString(text, { defaultCountry, extract: false })
  if (own?.isValid()) return own.number
  // 00 is what most of the world dials first, and E.164 is often stored without its plus sign.
  const foreign = parsePhoneNumberFromString(`+${digits.replace(/^00/, '')}`)
  return foreign?.isValid() ? foreign.number : (own ?? foreign)?.number
}
