import type { App } from '../../app.ts'
import { forgetPages } from './pageMemory.ts'
import { watchFeeds } from './watchFeeds.ts'

/** Work beside the feed: watching for calls that keep it waiting, forgetting where pages ended. */
export function defineFeedJobs(app: App): void {
  app.jobs.every('feed.watch', 60, (signal) => watchFeeds(app, signal))
  app.jobs.every('feed.forget-pages', 3600, () => forgetPages(app))
}
