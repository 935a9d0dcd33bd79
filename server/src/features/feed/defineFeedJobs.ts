import type { Ports } from '../../ports.ts'
import { deleteOldPages } from './pageEnds.ts'
import { watchFeeds } from './watchFeeds.ts'

/** Schedules the search for calls that block the feed and the deletion of old page positions. */
export function defineFeedJobs(ports: Ports): void {
  ports.jobs.every('feed.watch', 60, (signal) => watchFeeds(ports, signal))
  ports.jobs.every('feed.forget-pages', 3600, () => deleteOldPages(ports))
}
