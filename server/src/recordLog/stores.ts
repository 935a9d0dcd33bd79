import type { Ports } from '../ports.ts'

/** The ports that commits need. */
export type RecordLogStores = Pick<
  Ports,
  'config' | 'postgres' | 'clickhouse' | 'log' | 'metrics' | 'notices' | 'now' | 'commitAdditions'
>
