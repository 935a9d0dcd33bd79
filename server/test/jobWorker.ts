import { setTimeout as pause } from 'node:timers/promises'
import { openJobs, type JobTimes } from '../src/store/jobs/jobs.ts'
import { openPostgres, sql, type ConnectionOptions } from '../src/store/postgres/postgres.ts'

// A process with a queue, for a test that kills it: notes in the table `runs` what it does and when.
const options = JSON.parse(process.env['options'] ?? '') as ConnectionOptions
const times = JSON.parse(process.env['times'] ?? '') as JobTimes
const postgres = await openPostgres(options, { maxConnections: 4 })
const jobs = openJobs(postgres, { log: { warn: () => {}, error: () => {} }, times })

jobs.define('work', {
  concurrency: 3,
  maxAttempts: 3,
  run: async ({ id, attempt }) => {
    await postgres.run(sql`INSERT INTO runs VALUES (${id}, ${process.pid}, ${attempt}, clock_timestamp(), NULL)`)
    await pause(200)
    await postgres.run(sql`UPDATE runs SET ended = clock_timestamp() WHERE job = ${id} AND attempt = ${attempt}`)
  },
  giveUp: async () => {},
})
jobs.start()
