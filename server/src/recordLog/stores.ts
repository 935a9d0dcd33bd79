import type { Ports } from '../ports.ts'

/** What a turn works with. */
export type RecordLogStores = Pick<Ports, 'config' | 'postgres' | 'clickhouse' | 'log' | 'metrics' | 'notices' | 'now'>
