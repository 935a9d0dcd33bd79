import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKey, scratchFolder, serve, until } from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>

beforeAll(async () => {
  folder = await scratchFolder()
})

afterAll(() => folder.remove())

const residentMiB = (pid: number) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)

test('a server that held large bodies gives their memory back when it is idle', async () => {
  const settings = { EARSHOT_DATA_DIR: join(folder.path, 'data'), EARSHOT_RATE_LIMIT: '0' }
  const { url, pid } = await serve(settings)
  const { apiKey } = await createKey(settings, 'acme')
  const record = (index: number) => ({ id: `c${index}`, channel: 'no such', notes: 'n'.repeat(2000) })
  const body = JSON.stringify(Array.from({ length: 9000 }, (_, index) => record(index)))
  const send = async () => {
    const answer = await fetch(`${url}/v1/ingest/calls`, {
      method: 'POST',
      headers: { 'X-Api-Key': apiKey, 'Content-Type': 'application/json' },
      body,
    })
    await answer.text()
    return answer.status
  }
  const before = residentMiB(pid)
  for (let round = 0; round < 3; round++) {
    const statuses = await Promise.all(Array.from({ length: 8 }, send))
    expect(statuses.filter((status) => status !== 422 && status !== 503)).toEqual([])
  }
  // What was compiled and opened by the first requests stays.
  const kept = 150
  const began = performance.now()
  await until(`no more than ${before + kept} MiB are resident`, () => residentMiB(pid) <= before + kept)
  // Some seconds on a quiet machine, minutes without doing anything for it.
  expect(performance.now() - began).toBeLessThan(45_000)
})
