import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/testPostgres.ts'
import { openLog } from '../../log.ts'
import { openJobs, type HeldJob, type JobKind, type Jobs, type JobTimes } from './jobs.ts'
import { openPostgres, sql, type Postgres } from '../postgres/postgres.ts'

const quick: JobTimes = { leaseMs: 15_000, renewMs: 300, pollMs: 200, retryMs: 20, outageMs: 20 }
/** Ends soon where nobody renews it, and outlasts a moment in which this machine does something else. */
const shortLease = { leaseMs: 5_000 }
const silent = { warn: () => {}, error: () => {} }

let database: TestDatabase
let postgres: Postgres
let queues: Jobs[] = []

beforeEach(async () => {
  database = await createTestDatabase()
  postgres = await openPostgres(database.options, { maxConnections: 8 })
})

afterEach(async () => {
  await Promise.all(queues.map((queue) => queue.stop()))
  queues = []
  await postgres.close()
  await database.drop()
})

function queue(times: Partial<JobTimes> = {}, now = Date.now): Jobs {
  const opened = openJobs(postgres, { log: silent, now, times: { ...quick, ...times } })
  queues.push(opened)
  return opened
}

function kind(run: (job: HeldJob) => Promise<void>, more: Partial<JobKind> = {}): JobKind {
  return { concurrency: 2, maxAttempts: 3, run, giveUp: async () => {}, ...more }
}

const untilAborted = (job: HeldJob): Promise<never> =>
  new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(job.signal.reason as Error)))

async function waiting(): Promise<number> {
  return (await postgres.first<{ jobs: number }>(sql`SELECT count(*) AS jobs FROM jobs`))?.jobs ?? -1
}

describe('a job', () => {
  test('runs once its transaction commits, at once, and is gone when it is done', async () => {
    const seen: HeldJob[] = []
    const jobs = queue({ pollMs: 60_000 })
    jobs.define(
      'mail',
      kind(async (job) => void seen.push(job)),
    )
    jobs.start()
    await pause(100)
    await postgres.transaction(async (tx) => {
      await jobs.enqueue(tx, { kind: 'mail', accountId: 7, input: { letter: 'x' } })
      await pause(50)
      expect(seen).toEqual([])
    })
    // Long before the queue would be looked at.
    await expect.poll(() => seen.length, { interval: 5 }).toBe(1)
    expect(seen[0]).toMatchObject({ kind: 'mail', accountId: 7, input: { letter: 'x' }, attempt: 1 })
    await expect.poll(waiting).toBe(0)
  })

  test('of a rolled back transaction or of a kind that is not defined here is not taken', async () => {
    const seen: string[] = []
    const jobs = queue()
    jobs.define(
      'known',
      kind(async (job) => void seen.push(job.kind)),
    )
    const rolledBack = postgres.transaction(async (tx) => {
      await jobs.enqueue(tx, { kind: 'known', accountId: 1, input: {} })
      throw new Error('on purpose')
    })
    await expect(rolledBack).rejects.toThrow('on purpose')
    await jobs.enqueue(postgres, { kind: 'unknown', accountId: 1, input: {} })
    jobs.start()
    await pause(500)
    expect(seen).toEqual([])
    expect(await postgres.query(sql`SELECT kind, attempt FROM jobs`)).toEqual([{ kind: 'unknown', attempt: 0 }])
  })

  test('with a time waits for it, by the clock of the process', async () => {
    let clock = Date.now()
    const seen: string[] = []
    const jobs = queue({}, () => clock)
    jobs.define(
      'later',
      kind(async (job) => void seen.push(job.id)),
    )
    await jobs.enqueue(postgres, { kind: 'later', accountId: 1, input: {}, runAt: clock + 3_600_000 })
    jobs.start()
    await pause(500)
    expect(seen).toEqual([])
    clock += 3_600_001
    await expect.poll(() => seen.length).toBe(1)
  })

  test('that fails is tried again with a higher attempt, then given up once with its error', async () => {
    const attempts: number[] = []
    const givenUp: unknown[] = []
    const jobs = queue()
    const run = async (job: HeldJob): Promise<void> => {
      attempts.push(job.attempt)
      throw new Error(`try ${job.attempt}`)
    }
    jobs.define('broken', kind(run, { giveUp: async (job, error) => void givenUp.push([job.attempt, String(error)]) }))
    jobs.start()
    await jobs.enqueue(postgres, { kind: 'broken', accountId: 1, input: {} })
    await expect.poll(() => givenUp).toEqual([[3, 'Error: try 3']])
    expect(attempts).toEqual([1, 2, 3])
    await expect.poll(waiting).toBe(0)
  })

  test('whose processes died is given up, and the log says so with its input', async () => {
    const lines: unknown[] = []
    const givenUp: string[] = []
    const jobs = openJobs(postgres, {
      log: openLog({ logLevel: 'error', logPretty: false }, { write: (line) => void lines.push(JSON.parse(line)) }),
      now: Date.now,
      times: quick,
    })
    queues.push(jobs)
    jobs.define(
      'deadly',
      kind(async () => {}, { giveUp: async (_, error) => void givenUp.push(String(error)) }),
    )
    const id = await jobs.enqueue(postgres, { kind: 'deadly', accountId: 1, input: { exportId: 'x' } })
    await postgres.run(sql`UPDATE jobs SET failures = 3 WHERE id = ${id}`)
    jobs.start()
    await expect.poll(waiting).toBe(0)
    expect(givenUp).toEqual([expect.stringContaining('ended before the job did')])
    expect(lines).toEqual([
      expect.objectContaining({
        job: id,
        input: { exportId: 'x' },
        reason: expect.stringContaining('ended before the job did'),
        msg: 'a job failed for the last time',
      }),
    ])
  })

  test('that is cancelled is aborted while it runs, and never starts when it waits', async () => {
    const events: string[] = []
    const jobs = queue({ pollMs: 60_000, renewMs: 60_000, leaseMs: 60_000 })
    const run = async (job: HeldJob): Promise<void> => {
      events.push('start')
      await untilAborted(job).catch((error: unknown) => events.push(String(error)))
    }
    jobs.define('long', kind(run, { concurrency: 1 }))
    jobs.start()
    const first = await jobs.enqueue(postgres, { kind: 'long', accountId: 1, input: {} })
    await expect.poll(() => events).toEqual(['start'])
    const second = await jobs.enqueue(postgres, { kind: 'long', accountId: 1, input: {} })
    expect(await jobs.cancel(postgres, second)).toBe(true)
    expect(await jobs.cancel(postgres, first)).toBe(true)
    expect(await jobs.cancel(postgres, first)).toBe(false)
    await expect.poll(() => events).toEqual(['start', 'Error: The job was cancelled.'])
    expect(await waiting()).toBe(0)
  })

  test('whose lease another took is aborted, and its end changes nothing', async () => {
    const reasons: string[] = []
    const jobs = queue()
    jobs.define(
      'long',
      kind((job) => untilAborted(job).catch((error: unknown) => void reasons.push(String(error)))),
    )
    jobs.start()
    await jobs.enqueue(postgres, { kind: 'long', accountId: 1, input: {} })
    await expect.poll(() => postgres.run(sql`SELECT 1 FROM jobs WHERE worker IS NOT NULL`)).toBe(1)
    await postgres.run(sql`UPDATE jobs SET worker = gen_random_uuid(), attempt = 2, lease_until = now() + '1 hour'`)
    await expect.poll(() => reasons).toEqual(['Error: The lease of the job was lost.'])
    await pause(100)
    expect(await postgres.query(sql`SELECT attempt FROM jobs`)).toEqual([{ attempt: 2 }])
  })

  test('that is taken once more where it still runs goes on in the later attempt alone', async () => {
    const begun: number[] = []
    const aborted: number[] = []
    const jobs = queue(shortLease)
    jobs.define(
      'long',
      kind(async (job) => {
        begun.push(job.attempt)
        await untilAborted(job).catch(() => void aborted.push(job.attempt))
      }),
    )
    jobs.start()
    await jobs.enqueue(postgres, { kind: 'long', accountId: 1, input: {} })
    await expect.poll(() => begun).toEqual([1])
    await postgres.run(sql`UPDATE jobs SET worker = NULL, lease_until = NULL`)
    await expect.poll(() => begun).toEqual([1, 2])
    await expect.poll(() => aborted).toEqual([1])
    await pause(shortLease.leaseMs)
    expect(aborted).toEqual([1])
  })

  test('that outlasts its lease keeps it by renewal, also against another worker', async () => {
    let runs = 0
    const work = kind(async () => {
      runs++
      await pause(7_000)
    })
    for (const jobs of [queue(shortLease), queue(shortLease)]) {
      jobs.define('long', work)
      jobs.start()
    }
    await queues[0]?.enqueue(postgres, { kind: 'long', accountId: 1, input: {} })
    await expect.poll(waiting, { interval: 100 }).toBe(0)
    expect(runs).toBe(1)
  })
})

test('a stop aborts what runs and puts it back without using up a try', async () => {
  const jobs = queue()
  jobs.define('long', kind(untilAborted, { maxAttempts: 1 }))
  jobs.start()
  await jobs.enqueue(postgres, { kind: 'long', accountId: 1, input: {} })
  await expect.poll(() => postgres.run(sql`SELECT 1 FROM jobs WHERE worker IS NOT NULL`)).toBe(1)
  await jobs.stop()
  expect(await postgres.query(sql`SELECT worker, failures FROM jobs`)).toEqual([{ worker: null, failures: 0 }])
  const seen: number[] = []
  const other = queue({ pollMs: 60_000 })
  other.define(
    'long',
    kind(async (job) => void seen.push(job.attempt), { maxAttempts: 1 }),
  )
  other.start()
  await expect.poll(() => seen).toEqual([2])
})

test('a thousand jobs of one account do not hold up another', async () => {
  const begun: { accountId: number; end: () => void }[] = []
  const jobs = queue()
  const run = (job: HeldJob): Promise<void> => {
    const { promise, resolve: end } = Promise.withResolvers<void>()
    begun.push({ accountId: job.accountId, end })
    return Promise.race([promise, untilAborted(job)])
  }
  jobs.define('export', kind(run, { concurrency: 2 }))
  await postgres.run(sql`
    INSERT INTO jobs (id, kind, account_id, input)
    SELECT gen_random_uuid(), 'export', 1, '{}'
    FROM generate_series(1, 1000)`)
  for (const accountId of [2, 3]) await jobs.enqueue(postgres, { kind: 'export', accountId, input: {} })
  jobs.start()
  const accounts = () => begun.map(({ accountId }) => accountId).toSorted((left, right) => left - right)
  await expect.poll(accounts).toEqual([1, 2])
  // While one of the thousand runs, the next one to come is another account's.
  begun.find(({ accountId }) => accountId === 2)?.end()
  await expect.poll(accounts).toEqual([1, 2, 3])
  begun.find(({ accountId }) => accountId === 3)?.end()
  await expect.poll(accounts).toEqual([1, 1, 2, 3])
})

test('periodic work runs in one process at a time, and in the other when that stops', async () => {
  const events: string[] = []
  const [one, two] = [queue(), queue()]
  let inside = 0
  const work = (name: string) => async (): Promise<void> => {
    expect(++inside).toBe(1)
    events.push(name)
    await pause(50)
    inside--
  }
  one.every('sweep', 1, work('one'))
  two.every('sweep', 1, work('two'))
  one.start()
  two.start()
  await expect.poll(() => events.length).toBeGreaterThan(0)
  const [first] = events
  await (first === 'one' ? one : two).stop()
  await expect.poll(() => events.at(-1)).not.toBe(first)
})

test('what is always done runs from the start to the stop', async () => {
  const events: string[] = []
  const jobs = queue()
  jobs.always('watching', async (signal) => {
    events.push('began')
    await once(signal, 'abort')
    await pause(20)
    events.push('ended')
  })
  expect(events).toEqual([])
  jobs.start()
  expect(events).toEqual(['began'])
  await jobs.stop()
  expect(events).toEqual(['began', 'ended'])
})

test('the jobs of a killed process are taken up by another; nothing runs twice at the same time', async () => {
  await postgres.run(sql`
    CREATE TABLE runs (job uuid, pid integer, attempt integer, began timestamptz, ended timestamptz)`)
  for (let index = 0; index < 24; index++) {
    await queue().enqueue(postgres, { kind: 'work', accountId: index % 3, input: {} })
  }
  const workers = [startWorker(), startWorker()]
  try {
    const [first] = workers
    await expect
      .poll(() => postgres.run(sql`SELECT 1 FROM runs WHERE pid = ${first?.pid} AND ended IS NULL`))
      .toBeGreaterThan(0)
    first?.kill('SIGKILL')
    await expect.poll(waiting, { interval: 100 }).toBe(0)
    const counted = await postgres.first(sql`
      SELECT count(*) FILTER (WHERE ended IS NOT NULL) AS ended, count(DISTINCT job) AS jobs
      FROM runs`)
    expect(counted).toEqual({ ended: 24, jobs: 24 })
    const takenUp = await postgres.query(sql`SELECT job FROM runs WHERE attempt = 2 AND ended IS NOT NULL`)
    expect(takenUp.length).toBeGreaterThan(0)
    const side = await postgres.query(sql`
      SELECT one.job
      FROM runs AS one
      JOIN runs AS two ON two.job = one.job AND two.attempt > one.attempt AND two.began < one.ended`)
    expect(side).toEqual([])
  } finally {
    for (const worker of workers) worker.kill('SIGKILL')
  }
})

function startWorker(): ChildProcess {
  const environment = { options: JSON.stringify(database.options), times: JSON.stringify({ ...quick, ...shortLease }) }
  return fork(new URL('../../../test/jobWorker.ts', import.meta.url), { env: environment, execArgv: [] })
}
