import type { Ports } from '../ports.ts'
import { hasEmbeddedEngine } from '../config.ts'
import { recoverBatches } from './log/commit.ts'
import { forgetAnswers } from './log/idempotency.ts'

// A live process closes its entries within seconds, even when its engine needs several tries. An embedded engine may be
// busy for longer. With servers, an old entry more likely belongs to a dead process.
const abandonedAfterMs = { embedded: 60_000, servers: 10_000 }

/** Rolls the batches of dead processes forward, and deletes old answers to Idempotency-Keys. */
export function defineRecordLogJobs(ports: Ports): void {
  const olderThanMs = abandonedAfterMs[hasEmbeddedEngine(ports.config) ? 'embedded' : 'servers']
  ports.jobs.every('ingest.recover', 5, (signal) => recoverBatches(ports, { olderThanMs, signal }))
  ports.jobs.every('ingest.forget-answers', 3600, () => forgetAnswers(ports))
}
