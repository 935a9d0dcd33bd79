import { districts, names, streets } from './texts/names.ts'
import { at, Random } from './random.ts'
import { plans } from './company.ts'
import type { Language } from './texts/script.ts'

/** An invented customer of the invented company. */
export interface Customer {
  id: string
  givenName: string
  familyName: string
  name: string
  isWoman: boolean
  language: Language
  /** Tax id with its check digit, `12345678-5`. */
  rut: string
  contract: string
  mobile: string
  /** Some have a fixed line too. */
  landline: string | undefined
  email: string
  district: string
  region: string
  street: string
  planIndex: number
  years: number
  segment: string
}

/** The check digit of a Chilean tax id (modulo 11; 10 is written K). */
export function checkDigit(number: number): string {
  let sum = 0
  let factor = 2
  for (let rest = number; rest > 0; rest = Math.floor(rest / 10)) {
    sum += (rest % 10) * factor
    factor = factor === 7 ? 2 : factor + 1
  }
  const digit = 11 - (sum % 11)
  return digit === 11 ? '0' : digit === 10 ? 'K' : String(digit)
}

/** The customer with one index: the same for a seed, whoever was made before. Tax id and phones are unique. */
export function customerOf(seed: number, tag: string, index: number): Customer {
  const random = new Random(seed, 'customer', index)
  const language: Language = random.chance(0.2) ? 'english' : 'spanish'
  const isWoman = random.chance(0.52)
  const list = names[language]
  const givenName = random.pick<string>(isWoman ? list.women : list.men)
  const familyName = random.pick<string>(list.families)
  const secondName = language === 'spanish' ? ` ${random.pick(names.spanish.families)}` : ''
  const district = random.pick(districts)
  const rutNumber = 7_000_000 + scattered(seed, index, 7_919_993, 18_000_000)
  return {
    id: `cust-${tag}-${String(index + 1).padStart(6, '0')}`,
    givenName,
    familyName,
    name: `${givenName} ${familyName}${secondName}`,
    isWoman,
    language,
    rut: `${rutNumber}-${checkDigit(rutNumber)}`,
    contract: `AC-${4_000_000 + scattered(seed, index, 3_141_593, 5_000_000)}`,
    mobile: `+569${30_000_000 + scattered(seed, index, 15_485_863, 69_000_000)}`,
    landline: random.chance(0.22) ? `+562${20_000_000 + scattered(seed, index, 6_700_417, 9_000_000)}` : undefined,
    email: `${plain(givenName)}.${plain(familyName)}${index + 1}@example.com`,
    district: district.name,
    region: district.region,
    street: `${random.pick(streets)} ${random.whole(12, 4980)}`,
    planIndex: random.weighted([3, 4, 3, 1]),
    years: random.whole(1, 12),
    segment: at(['Hogar', 'Hogar', 'Hogar', 'Preferente', 'Pyme'], random.whole(0, 4)),
  }
}

/** Spreads indices over `range` without meeting twice; `step` and `range` have no common divisor. */
function scattered(seed: number, index: number, step: number, range: number): number {
  return ((((seed % range) + range) % range) + (index % range) * step) % range
}

const plainNames = new Map<string, string>()

/** A name as it stands in an e-mail address: no accents, no spaces. */
function plain(name: string): string {
  let text = plainNames.get(name)
  if (text === undefined) {
    text = name
      .normalize('NFD')
      .replaceAll(/[^A-Za-z]/g, '')
      .toLowerCase()
    plainNames.set(name, text)
  }
  return text
}

/** The customer as a record. */
export function customerRecord(customer: Customer): object {
  const contacts = [customer.mobile, customer.email]
  if (customer.landline !== undefined) contacts.push(customer.landline)
  return {
    id: customer.id,
    name: customer.name,
    externalId: customer.contract,
    type: 'Person',
    category: at(plans, customer.planIndex).name,
    segment: customer.segment,
    organization: customer.segment === 'Pyme' ? `Comercial ${customer.familyName}` : undefined,
    region: customer.region,
    country: 'CL',
    state: 'Active',
    contacts,
  }
}
