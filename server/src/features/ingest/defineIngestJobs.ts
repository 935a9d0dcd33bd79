import type { App } from '../../app.ts'
import { hasEmbeddedEngine } from '../../config.ts'
import { forgetFaults } from './faultCounts.ts'
import { forgetAnswers } from './idempotency.ts'
import { recoverBatches } from './turn.ts'

// A live process closes its entries within moments, also when its engine needs a few tries. Its own engine may be busy
// for longer; beside other processes it is more likely to be dead.
const abandonedAfterMs = { embedded: 60_000, servers: 10_000 }

/** Work that goes on beside the turns: rolling dead processes' batches forward, forgetting old answers and faults. */
export function defineIngestJobs(app: App): void {
  const kind = hasEmbeddedEngine(app.config) ? 'embedded' : 'servers'
  const olderThanMs = abandonedAfterMs[kind]
  app.jobs.every('ingest.recover', 5, (signal) => recoverBatches(app, { olderThanMs, signal }))
  app.jobs.every('ingest.forget-answers', 3600, () => forgetAnswers(app))
  app.jobs.every('ingest.forget-faults', 3600, () => forgetFaults(app))
}
