import type { App } from '../app.ts'

/** What a turn works with. */
export type RecordLogStores = Pick<App, 'config' | 'postgres' | 'clickhouse' | 'log' | 'metrics' | 'notices' | 'now'>
