import type { Story } from './storyShape.ts'
import { companyName, plans } from './company.ts'
import { at, Random } from './random.ts'
import { districts } from './texts/names.ts'

/** What the texts leave open, in the words of the call's language. */
export interface Slots {
  company: string
  greeting: string
  greetingLower: string
  goodDay: string
  bot: string
  executive: string
  fullName: string
  /** The name after a preposition: `la señora Ana Soto`, `don Luis Soto`. */
  formalName: string
  honorific: string
  honorificCapital: string
  /** él or ella; the ending o or a of words about the customer. */
  pronoun: string
  o: string
  identityKind: string
  identity: string
  identityTail: string
  plan: string
  planPrice: string
  amount: string
  extra: string
  price: string
  newPlan: string
  newPrice: string
  months: string
  debt: string
  installment: string
  gigas: string
  mobilePrice: string
  speed: string
  contracted: string
  hours: string
  years: string
  date: string
  weekday: string
  window: string
  pastDate: string
  pastWeekday: string
  pastMonth: string
  district: string
  newDistrict: string
  street: string
  ticket: string
  email: string
}

const dayMs = 86_400_000

const words = {
  spanish: {
    greetings: ['Buenos días', 'Buenas tardes', 'Buenas noches'],
    goodDays: ['un buen día', 'una buena tarde', 'una buena noche'],
    windows: ['entre las 9 y las 13 horas', 'entre las 14 y las 18 horas'],
    weekdays: ['domingo', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado'],
    months: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre'.split(' '),
    identityKinds: { rut: 'RUT', contract: 'número de contrato' },
  },
  english: {
    greetings: ['Good morning', 'Good afternoon', 'Good evening'],
    goodDays: ['a nice day', 'a nice afternoon', 'a good evening'],
    windows: ['between 9 and 1', 'between 2 and 6 in the afternoon'],
    weekdays: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
    months: 'January February March April May June July August September October November December'.split(' '),
    identityKinds: { rut: 'RUT', contract: 'contract number' },
  },
}

/** Fills every slot for a call: names, money, days; always the same for the same call. */
export function slotsOf(story: Story): Slots {
  const random = new Random(story.world.seed, 'details', story.index)
  return { ...moneySlots(story, random), ...daySlots(story, random), ...personSlots(story) }
}

function moneySlots(story: Story, random: Random) {
  const { customer } = story
  const plan = at(plans, customer.planIndex)
  const better = at(plans, Math.min(customer.planIndex + 1, plans.length - 1))
  const months = random.whole(2, 4)
  const debt = plan.price * months
  const money = (pesos: number): string =>
    customer.language === 'spanish' ? `$${thousands(pesos, '.')}` : `${thousands(pesos, ',')} pesos`
  return {
    plan: plan.name,
    planPrice: money(plan.price),
    amount: money(plan.price),
    extra: money(random.whole(3, 8) * 1000 + 990),
    price: money(plan.price - random.whole(2, 5) * 1000),
    newPlan: better.name,
    newPrice: money(plan.price + random.whole(1, 3) * 1000),
    months: String(months),
    debt: money(debt),
    installment: money(Math.ceil(debt / 30) * 10),
    gigas: String(random.pick([100, 150, 200, 400])),
    mobilePrice: money(random.whole(7, 12) * 1000 + 990),
    speed: String(Math.round(plan.megabits * random.between(0.08, 0.35))),
    contracted: String(plan.megabits),
    hours: String(random.whole(3, 8)),
    years: String(Math.max(2, customer.years)),
    ticket: String(story.ticket),
  }
}

function daySlots(story: Story, random: Random) {
  const { hour } = story
  const text = words[story.customer.language]
  const local = story.startedAt + hour.offsetMs
  const part = hour.hour < 12 ? 0 : hour.hour < 20 ? 1 : 2
  let next = local + random.whole(2, 7) * dayMs
  if (new Date(next).getUTCDay() === 0) next += dayMs
  const past = new Date(local - random.whole(4, 9) * dayMs)
  const coming = new Date(next)
  const greeting = at(text.greetings, part)
  return {
    greeting,
    greetingLower: greeting.toLowerCase(),
    goodDay: at(text.goodDays, part),
    date: dateWords(story, coming),
    weekday: at(text.weekdays, coming.getUTCDay()),
    window: random.pick(text.windows),
    pastDate: dateWords(story, past),
    pastWeekday: at(text.weekdays, past.getUTCDay()),
    pastMonth: at(text.months, (new Date(local).getUTCMonth() + 11) % 12),
  }
}

function dateWords(story: Story, day: Date): string {
  const month = at(words[story.customer.language].months, day.getUTCMonth())
  return story.customer.language === 'spanish' ? `${day.getUTCDate()} de ${month}` : `${month} ${day.getUTCDate()}`
}

function personSlots(story: Story) {
  const { customer, campaign } = story
  const isSpanish = customer.language === 'spanish'
  const honorific = isSpanish
    ? `${customer.isWoman ? 'señora' : 'don'} ${customer.givenName}`
    : `${customer.isWoman ? 'Ms.' : 'Mr.'} ${customer.familyName}`
  const identity = campaign.identity === 'rut' ? spokenRut(customer.rut) : customer.contract
  return {
    company: companyName,
    bot: story.bot.name,
    executive: story.person?.name ?? '',
    fullName: `${customer.givenName} ${customer.familyName}`,
    formalName: isSpanish
      ? `${customer.isWoman ? 'la ' : ''}${honorific} ${customer.familyName}`
      : `${customer.givenName} ${customer.familyName}`,
    honorific,
    honorificCapital: honorific.charAt(0).toUpperCase() + honorific.slice(1),
    pronoun: customer.isWoman ? 'ella' : 'él',
    o: customer.isWoman ? 'a' : 'o',
    identityKind: words[customer.language].identityKinds[campaign.identity],
    identity,
    identityTail: identity.replace(/-.$/, '').replaceAll(/\D/g, '').slice(-4),
    district: customer.district,
    newDistrict: at(districts, (districts.findIndex(({ name }) => name === customer.district) + 3) % districts.length)
      .name,
    street: customer.street,
    email: customer.email,
  }
}

/** `12345678-5` as it is written and read: `12.345.678-5`. */
function spokenRut(rut: string): string {
  const [number = '', digit = ''] = rut.split('-')
  return `${thousands(Number(number), '.')}-${digit}`
}

function thousands(value: number, separator: string): string {
  const digits = String(value)
  let text = ''
  for (let index = 0; index < digits.length; index++) {
    if (index > 0 && (digits.length - index) % 3 === 0) text += separator
    text += digits.charAt(index)
  }
  return text
}
