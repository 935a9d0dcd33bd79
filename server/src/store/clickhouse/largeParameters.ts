import type { Parameters } from './clickhouse.ts'

// A server accepts at most 128 KiB for the value of a parameter, and no setting raises that.
const maxValues = 1000

/**
 * The statement with its long lists as literals, which are limited only by the length of a statement. The other
 * parameters stay parameters.
 */
export function withLongLists(query: string, parameters: Parameters = {}): { query: string; query_params: Parameters } {
  const long = Object.entries(parameters).filter(([, value]) => Array.isArray(value) && value.length > maxValues)
  const names = new Set(long.map(([name]) => name))
  const query_params = Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.has(name)))
  if (names.size === 0) return { query, query_params }
  const written = query.replace(/\{(\w+):([\w()]+)\}/g, (place, name: string, type: string) =>
    names.has(name) ? `CAST(${literalOf(parameters[name])}, '${type}')` : place,
  )
  return { query: written, query_params }
}

function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(',')}]`
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  throw new Error(`A list of ${typeof value} cannot be part of a statement.`)
}
