import type { App } from '../../app.ts'
import { forgetAnswers } from './idempotency.ts'
import { recoverBatches } from './turn.ts'

// A live process closes its entries within moments, also when its engine needs a few tries.
export const abandonedAfterMs = 60_000

/** Work that goes on beside the turns: rolling dead processes' batches forward, forgetting old answers. */
export function defineIngestJobs(app: App): void {
  app.jobs.every('ingest.recover', 30, () => recoverBatches(app, abandonedAfterMs))
  app.jobs.every('ingest.forget-answers', 3600, () => forgetAnswers(app))
}
