import type { App } from '../app.ts'

/** What a turn works with. */
export type IngestStores = Pick<App, 'config' | 'postgres' | 'clickhouse' | 'log' | 'metrics' | 'notices' | 'now'>
