import type { Ports } from '../../ports.ts'
import { forgetPages } from './pageMemory.ts'
import { watchFeeds } from './watchFeeds.ts'

/** Work beside the feed: watching for calls that keep it waiting, forgetting where pages ended. */
export function defineFeedJobs(ports: Ports): void {
  ports.jobs.every('feed.watch', 60, (signal) => watchFeeds(ports, signal))
  ports.jobs.every('feed.forget-pages', 3600, () => forgetPages(ports))
}
