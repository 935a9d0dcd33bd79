import { type DemoOptions, generateDemo } from './generate.ts'

/** A record as it goes over the wire. */
export type Sent = Record<string, unknown>

/** For tests: every record of a demonstration by collection, as JSON makes them. */
export function collectDemo(options: DemoOptions): Record<string, Sent[]> {
  const all: Record<string, Sent[]> = {}
  for (const { collection, records } of generateDemo(options)) {
    const list = (all[collection] ??= [])
    for (const record of JSON.parse(JSON.stringify(records)) as Sent[]) list.push(record)
  }
  return all
}

/** The parts of one collection by their call. */
export function byCall(records: readonly Sent[]): Map<string, Sent[]> {
  return Map.groupBy(records, (record) => String(record['callId']))
}

/** A time of a record in milliseconds. */
export function instant(record: Sent, name: string): number {
  return Date.parse(String(record[name]))
}
