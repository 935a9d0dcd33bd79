import * as fc from 'fast-check'
import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import { RecordsModel } from '../model/recordsModel.ts'
import { expectOf, send } from '../model/send.ts'
import { step, withoutEndpoints, type Step } from '../model/sentRecords.ts'
import type { TestAccount } from '../testApp.ts'

type Request = TestAccount['request']

const stepsARound = 15

/** What all senders say of themselves. */
export interface Traffic {
  /** Ids of calls whose deletion was asked for. */
  deleted: Set<string>
  isOver: boolean
  sent: number
  repeated: number
}

/**
 * One sender: posts, corrects and deletes records of its own, repeats what got no answer until it has one, and now and
 * then what got one; every answer must be the one of having been done exactly once. Gives what must then be there.
 */
export async function runSender(name: string, request: Request, traffic: Traffic): Promise<RecordsModel> {
  const whole = new RecordsModel()
  for (let round = 0; !traffic.isOver; round++) {
    const prefix = `${name}r${round}-`
    const model = new RecordsModel()
    for (const taken of stepsOf(prefix)) {
      if (traffic.isOver) break
      await take(request, model, taken, `${prefix}${traffic.sent}`, traffic)
      await wait(randomInt(5))
    }
    whole.lastSeq += model.lastSeq
    whole.lastNumber += model.lastNumber
    for (const [place, record] of model.records) whole.records.set(place, record)
  }
  return whole
}

function stepsOf(prefix: string): Step[] {
  const small = fc.sample(step(prefix).map(withoutEndpoints), stepsARound)
  const own = ownCalls(prefix)
  // Mixed, each in its own order.
  return small.flatMap((taken, index) => [taken, ...own.slice(index, index + 1)])
}

/** Calls that come, get parts, are corrected and partly deleted, in batches that take their time. */
function ownCalls(prefix: string): Step[] {
  const ids = Array.from({ length: 20 }, (_, index) => `${prefix}b${index}`)
  const startedAt = '2026-05-03T14:05:07.123Z'
  const whole = ids.map((id) => ({ id, channel: 'phone', status: 'completed', startedAt, durationSeconds: 60 }))
  const turns = Array.from({ length: 400 }, (_, index) => {
    const callId = ids[index % ids.length]
    return { id: `${prefix}t${index}`, callId, participant: 'agent', at: startedAt, text: 'Hola. '.repeat(20) }
  })
  return [
    batch(
      'evaluations',
      ids.slice(0, 5).map((callId) => ({ callId, status: 'evaluated', score: 7.5 })),
    ),
    batch('calls', whole),
    batch('turns', turns),
    remove(ids[3]),
    batch(
      'calls',
      ids.slice(5).map((id) => ({ id, startedAt: '2026-06-01T00:00:00Z', notes: 'corrected' })),
    ),
    batch(
      'surveys',
      ids.slice(5, 15).map((callId) => ({ callId, state: 'Partial', totalQuestions: 3 })),
    ),
    remove(ids[7]),
    batch(
      'calls',
      ids.slice(10).map((id) => ({ id, notes: null, status: 'escalated' })),
    ),
  ]
}

function remove(key: string | undefined): Step {
  return { kind: 'remove', collection: 'calls', key: String(key) }
}

function batch(collection: string, records: Record<string, unknown>[]): Step {
  const writes = records.map((record) => ({ record, isWrong: false }))
  return { kind: 'send', collection, writes, skips: false, isDryRun: false, isRepeated: false }
}

async function take(request: Request, model: RecordsModel, taken: Step, key: string, traffic: Traffic): Promise<void> {
  if (taken.kind === 'remove' && taken.collection === 'calls') traffic.deleted.add(taken.key)
  const expected = expectOf(model, taken)
  const account = { request }
  traffic.sent++
  for (let tries = 1; ; tries++) {
    const answer = await send(account, taken, { 'Idempotency-Key': key }).catch(() => undefined)
    if (!answer || answer.status === 503) {
      traffic.repeated++
      await wait(20)
      continue
    }
    // A deletion whose answer was lost has been done, or it is done now.
    const isRepeatedDeletion = taken.kind === 'remove' && tries > 1 && answer.data['deleted'] === 0
    if (!isRepeatedDeletion) expect(answer, JSON.stringify(taken)).toMatchObject(expected)
    if (taken.kind === 'remove' || randomInt(8) > 0) return
  }
}
