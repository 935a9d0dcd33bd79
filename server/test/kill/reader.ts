import { setTimeout as wait } from 'node:timers/promises'
import { readAll } from '../model/compare.ts'
import type { TestAccount } from '../testApp.ts'
import type { Traffic } from './sender.ts'
import type { Supervisor } from './supervisor.ts'

/** What a reader saw that it must never see. */
export interface Observations {
  reads: number
  wrong: string[]
}

/**
 * Reads the list of calls and the watermark over and over while others write and the server dies: no number above the
 * watermark, no call that vanishes undeleted, none that appears below one already read, no number on two calls.
 */
export async function runReader(
  account: Pick<TestAccount, 'id' | 'request'>,
  supervisor: Pick<Supervisor, 'watermark'>,
  traffic: Traffic,
): Promise<Observations> {
  const seen = new Map<number, string>()
  const sequences = new Map<string, number>()
  const observed: Observations = { reads: 0, wrong: [] }
  let highest = 0
  while (!traffic.isOver) {
    const calls = await readAll(account, 'calls', 500).catch(() => undefined)
    if (!calls) {
      await wait(20)
      continue
    }
    observed.reads++
    const now = new Map(calls.map((call) => [Number(call['number']), String(call['id'])]))
    for (const [number, id] of now) {
      if (!seen.has(number) && number < highest) observed.wrong.push(`${number} (${id}) appeared below ${highest}`)
      if (seen.has(number) && seen.get(number) !== id)
        observed.wrong.push(`${number} was ${seen.get(number)}, is ${id}`)
    }
    for (const [number, id] of seen) {
      if (!now.has(number) && !traffic.deleted.has(id)) observed.wrong.push(`${number} (${id}) vanished`)
    }
    for (const call of calls) {
      const before = sequences.get(String(call['id'])) ?? 0
      if (Number(call['sequence']) < before) observed.wrong.push(`${String(call['id'])} went back in the change order`)
      sequences.set(String(call['id']), Number(call['sequence']))
    }
    for (const [number, id] of now) seen.set(number, id)
    highest = Math.max(highest, ...now.keys())
    const watermark = await supervisor.watermark(account.id)
    if (watermark && highest > watermark.number) {
      observed.wrong.push(`${highest} was read, and the watermark is ${watermark.number}`)
    }
    await wait(10)
  }
  return observed
}
