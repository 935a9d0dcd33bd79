import { describe, expect, test } from 'vitest'
import { bots, companyName } from './company.ts'
import { checkDigit } from './customers.ts'
import { byCall, collectDemo, instant, type Sent } from './demoRecords.testing.ts'
import { outageTopic, topics } from './topics.ts'

const endsAt = Date.UTC(2026, 4, 14, 18)
const demo = collectDemo({ seed: 11, calls: 8000, days: 28, endsAt })
const get = (collection: string): Sent[] => demo[collection] ?? []
const turns = byCall(get('turns'))
const evaluations = new Map(get('evaluations').map((evaluation) => [evaluation['callId'], evaluation]))
const customers = new Map(get('customers').map((customer) => [customer['id'], customer]))

const clock = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Santiago',
  weekday: 'short',
  hour: 'numeric',
  hourCycle: 'h23',
})

function local(call: Sent): { weekday: string; hour: number } {
  const parts = clock.formatToParts(instant(call, 'startedAt'))
  const find = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
  return { weekday: find('weekday'), hour: Number(find('hour')) }
}

function share(records: readonly Sent[], fits: (record: Sent) => boolean): number {
  return records.filter(fits).length / records.length
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Whether two calls of a customer follow each other within a day. */
function isSoon(calls: readonly Sent[]): boolean {
  return calls.some((call, place) => {
    const before = calls[place - 1]
    return before !== undefined && instant(call, 'startedAt') - instant(before, 'startedAt') < 86_400_000
  })
}

describe('the calls of a demonstration', () => {
  test('follow the day and the week of Santiago', () => {
    const calls = get('calls')
    const on = (...days: string[]) => calls.filter((call) => days.includes(local(call).weekday)).length
    const at = (from: number, to: number) =>
      calls.filter((call) => local(call).hour >= from && local(call).hour < to).length
    expect(on('Tue')).toBeGreaterThan(on('Sat') * 1.8)
    expect(on('Sat')).toBeGreaterThan(on('Sun') * 2)
    expect(at(10, 14)).toBeGreaterThan(at(0, 4) * 10)
    expect(at(12, 14)).toBeGreaterThan(at(19, 21))
  })

  test('are made by the company only in business hours, and never on a Sunday', () => {
    for (const call of get('calls')) {
      if (call['direction'] !== 'outbound') continue
      expect(local(call).weekday).not.toBe('Sun')
      expect(local(call).hour).toBeGreaterThanOrEqual(9)
      expect(local(call).hour).toBeLessThan(21)
    }
  })

  test('include a bad day of complaints', () => {
    const days = Map.groupBy(
      get('calls').filter((call) => (call['tags'] as string[]).includes('Falla masiva')),
      (call) => String(call['startedAt']).slice(0, 10),
    )
    expect(days.size).toBeGreaterThan(0)
    expect(days.size).toBeLessThan(4)
    for (const calls of days.values())
      expect(share(calls, (call) => call['sentiment'] === 'negative')).toBeGreaterThan(0.4)
  })

  test('are mostly completed, some escalated, abandoned or failed, and a handful still going on', () => {
    const calls = get('calls')
    const of = (status: string) => share(calls, (call) => call['status'] === status)
    expect(of('completed')).toBeGreaterThan(0.6)
    for (const status of ['escalated', 'abandoned', 'failed']) expect(of(status)).toBeGreaterThan(0.01)
    const active = calls.filter((call) => call['status'] === 'active')
    expect(active.length).toBeGreaterThanOrEqual(3)
    expect(active.length).toBeLessThan(30)
    for (const call of active) expect(endsAt - instant(call, 'startedAt')).toBeLessThan(15 * 60_000)
    expect(new Set(calls.map((call) => call['outcome'])).size).toBeGreaterThan(10)
    expect(new Set(calls.map((call) => call['flowVersion'])).size).toBeGreaterThan(3)
  })

  test('are held in Spanish mostly, and in English', () => {
    const english = share(get('calls'), (call) => call['language'] === 'en-US')
    expect(english).toBeGreaterThan(0.12)
    expect(english).toBeLessThan(0.28)
    const mixed: unknown[] = []
    for (const turn of get('turns')) {
      const isSpanish = /[¿¡ñ]|\b(usted|gracias|por favor)\b/i.test(String(turn['text']).replaceAll(/\p{Lu}\S*/gu, ''))
      if (turn['language'] === 'en-US' && isSpanish) mixed.push(turn['text'])
    }
    expect(mixed).toEqual([])
  })

  test('come from customers who call again, within a day too', () => {
    const byCustomer = Map.groupBy(get('calls'), (call) => call['customerId'])
    expect(byCustomer.size).toBeLessThan(get('calls').length / 2)
    expect([...byCustomer.values()].filter(isSoon).length).toBeGreaterThan(50)
  })
})

describe('identities', () => {
  test('have tax ids with the right check digit', () => {
    expect([12_345_678, 11_111_111, 7_654_321].map(checkDigit)).toEqual(['5', '1', '6'])
    const identities = get('calls').map((call) => String(call['identity']))
    const taxIds = identities.filter((identity) => /^\d/.test(identity))
    expect(taxIds.length).toBeGreaterThan(1000)
    for (const taxId of taxIds) {
      const [number, digit] = taxId.split('-')
      expect(checkDigit(Number(number))).toBe(digit)
    }
    expect(taxIds.some((taxId) => taxId.endsWith('-K'))).toBe(true)
  })

  test('have Chilean phones and e-mail addresses of example.com', () => {
    for (const contact of get('customers').flatMap((customer) => customer['contacts'] as string[])) {
      expect(contact).toMatch(/^(\+569\d{8}|\+562\d{8}|[a-z]+\.[a-z]+\d+@example\.com)$/)
    }
  })
})

function lastMood(call: Sent): unknown {
  const talk = turns.get(String(call['id'])) ?? []
  return talk.findLast((turn) => turn['participant'] === 'customer')?.['sentiment']
}

describe('the talk', () => {
  test('has 6 to 24 turns where the matter was settled one way or the other', () => {
    for (const call of get('calls')) {
      if (call['status'] !== 'completed' && call['status'] !== 'escalated') continue
      const count = turns.get(String(call['id']))?.length ?? 0
      if (call['resolved'] === undefined) expect(count).toBeLessThanOrEqual(4)
      else {
        expect(count).toBeGreaterThanOrEqual(6)
        expect(count).toBeLessThanOrEqual(24)
      }
    }
  })

  test('is spoken one after the other at a human pace, with every slot filled in', () => {
    const faults: Sent[] = []
    for (const talk of turns.values()) {
      let end = 0
      for (const turn of talk) {
        const text = String(turn['text'])
        const pace = text.length / (Number(turn['durationMs']) / 1000)
        if (instant(turn, 'at') < end || pace > 26 || /[{}]|undefined|NaN| {2}/.test(text)) faults.push(turn)
        end = instant(turn, 'at') + Number(turn['durationMs'])
      }
    }
    expect(faults).toEqual([])
  })

  test('fills its call', () => {
    const parts: number[] = []
    for (const call of get('calls')) {
      const talk = turns.get(String(call['id']))
      if (call['resolved'] !== true || !talk) continue
      parts.push(
        talk.reduce((sum, turn) => sum + Number(turn['durationMs']), 0) / (Number(call['durationSeconds']) * 1000),
      )
    }
    expect(average(parts)).toBeGreaterThan(0.45)
    expect(average(parts)).toBeLessThan(0.9)
  })

  test('names the company, the bot, and the customer as their records do', () => {
    for (const call of get('calls')) {
      if (call['resolved'] === undefined) continue
      const text = (turns.get(String(call['id'])) ?? []).map((turn) => String(turn['text'])).join(' ')
      expect(text).toContain(companyName)
      const [first, second] = String(customers.get(call['customerId'])?.['name']).split(' ')
      expect(text.includes(String(first)) || text.includes(String(second))).toBe(true)
      expect(bots.some((bot) => text.includes(bot.name))).toBe(true)
    }
  })

  test('holds no refusal where the matter was settled, and no thanks for a solution where it was not', () => {
    const scripts = [outageTopic, ...topics].flatMap((topic) => Object.values(topic.scripts))
    const settled = new Set(scripts.flatMap((script) => script.solved.customer))
    const refused = new Set(
      scripts.flatMap((script) => [
        ...script.unsolved.customer,
        ...(script.refusals ?? []).flatMap((step) => step.customer),
      ]),
    )
    // Some refusals begin as other talks do; those say nothing.
    for (const line of scripts.flatMap((script) => script.steps.flatMap((step) => step.customer))) refused.delete(line)
    const wrong: unknown[] = []
    for (const call of get('calls')) {
      const contrary = call['resolved'] === true ? refused : call['resolved'] === false ? settled : new Set<string>()
      for (const turn of turns.get(String(call['id'])) ?? []) {
        if (turn['participant'] === 'customer' && contrary.has(String(turn['text']))) wrong.push(turn['text'])
      }
    }
    expect(wrong).toEqual([])
  })

  test('ends in keeping with the resolution', () => {
    const resolved = get('calls').filter((call) => call['resolved'] === true)
    const open = get('calls').filter((call) => call['resolved'] === false)
    for (const call of resolved) {
      expect(Number(lastMood(call))).toBeGreaterThan(-0.3)
      expect(call['sentiment']).not.toBe('negative')
    }
    expect(average(open.map((call) => Number(lastMood(call) ?? 0)))).toBeLessThan(-0.1)
  })
})

describe('evaluations and surveys', () => {
  test('score what was resolved higher', () => {
    const scores = (resolved: boolean) =>
      get('calls')
        .filter((call) => call['resolved'] === resolved)
        .map((call) => evaluations.get(call['id'])?.['score'])
        .filter((score) => score !== undefined)
        .map(Number)
    expect(average(scores(true))).toBeGreaterThan(average(scores(false)) + 2)
    const statuses = new Set(get('evaluations').map((evaluation) => evaluation['status']))
    for (const status of ['evaluated', 'notEvaluated', 'failed']) expect(statuses.has(status)).toBe(true)
  })

  test('agree with the call and with what was said', () => {
    const calls = new Map(get('calls').map((call) => [call['id'], call]))
    for (const survey of get('surveys')) {
      const responses = survey['responses'] as { question: string; answer: string | null }[]
      const answered = responses.filter((response) => response.answer !== null).length
      const expected = { Completed: responses.length, NotStarted: 0 }[String(survey['state'])]
      if (expected === undefined) expect(answered).toBeGreaterThan(0)
      else expect(answered).toBe(expected)
      const answer = responses.find(({ question }) => question === '¿Se resolvió su consulta?')?.answer
      if (answer) expect(answer).toBe(calls.get(survey['callId'])?.['resolved'] ? 'Sí' : 'No')
      const said = (turns.get(String(survey['callId'])) ?? []).filter(
        (turn) => turn['category'] === 'survey' && turn['participant'] === 'customer',
      )
      expect(said).toHaveLength(answered)
    }
    expect(new Set(get('surveys').map((survey) => survey['state'])).size).toBe(3)
  })
})
