import { collectionNamed, partCollections } from '../../src/domain/collections/all.ts'
import type { Collection } from '../../src/domain/collections/collection.ts'
import { millisecondsOf } from '../../src/domain/wholeUnits.ts'
import { mergeSent, shownValue, type Sent } from './sentFields.ts'

/**
 * The ingestion contract once more, as plainly as it can be said: records in memory, no stores, no turns, nothing
 * shared with the program but the names and types of the fields. Tests hold the program against it.
 */

export type Json = Record<string, unknown>

export interface ModelRecord {
  collection: string
  key: string
  callId: string | undefined
  state: 'live' | 'deleted' | 'replaced'
  sent: Sent
  number: number
  seq: number
  /** Of a call: how many it repeats, as counted when its external endpoint and start were last set. */
  repeats: number
}

interface ModelCounts {
  accepted: number
  created: number
  updated: number
  unchanged: number
  rejected: number
  deleted?: number
}

/** A record of a request; `isWrong` says that it breaks a rule that can be seen without knowing any other record. */
export interface ModelWrite {
  record: Json
  isWrong: boolean
}

export type ModelAnswer = { status: 200; counts: ModelCounts } | { status: 404 | 422 }

/** Records of one request as they would become, in the order in which it first touched them. */
type Touched = Map<string, ModelRecord>

const dayMs = 24 * 60 * 60 * 1000

export class RecordsModel {
  records = new Map<string, ModelRecord>()
  lastSeq = 0
  lastNumber = 0

  find(collection: string, key: string): ModelRecord | undefined {
    return this.records.get(`${collection}/${key}`)
  }

  /** Sends records; on a dry run everything is as before afterwards. */
  ingest(collection: string, writes: ModelWrite[], options: { skips: boolean; isDryRun: boolean }): ModelAnswer {
    return this.#request(options.isDryRun, (touched) => this.#merge(touched, collection, writes, options.skips, false))
  }

  replaceTurns(callId: string, writes: ModelWrite[]): ModelAnswer {
    return this.#request(false, (touched) => {
      const keys = new Set(writes.map(({ record }) => record['id']))
      const left = [...this.records.values()].filter(
        (turn) => turn.collection === 'turns' && turn.callId === callId && turn.state === 'live' && !keys.has(turn.key),
      )
      const answer = this.#merge(touched, 'turns', writes, false, true)
      if (answer.status !== 200) return answer
      for (const turn of left) touched.set(`turns/${turn.key}`, { ...turn, state: 'replaced', sent: new Map() })
      return { status: 200, counts: { ...answer.counts, deleted: left.length } }
    })
  }

  remove(collection: string, key: string): { status: 200; deleted: number } | { status: 404 } {
    const record = this.find(collection, key)
    if (!record) return { status: 404 }
    const parts = [...this.records.values()].filter((part) => isPart(part.collection) && part.callId === key)
    let deleted = 0
    for (const gone of collection === 'calls' ? [record, ...parts] : [record]) {
      if (gone.state === 'deleted') continue
      this.records.set(`${gone.collection}/${gone.key}`, {
        ...gone,
        state: 'deleted',
        sent: new Map(),
        seq: ++this.lastSeq,
      })
      deleted++
    }
    return { status: 200, deleted }
  }

  /** What a reader sees: of each collection, live records, parts only with their call. */
  visible(collection: string): ModelRecord[] {
    return [...this.records.values()].filter(
      (record) =>
        record.collection === collection &&
        record.state === 'live' &&
        (!isPart(collection) || this.find('calls', String(record.callId))?.state === 'live'),
    )
  }

  /** A record as the records API shows it, without its times of change. */
  shown(record: ModelRecord): Json {
    const json: Json = { sequence: record.seq }
    const values = { ...(record.collection === 'calls' ? callDefaults(record) : {}), ...sentValues(record) }
    for (const field of definition(record.collection).fields) {
      if (values[field.name] !== undefined) json[field.name] = shownValue(field.type, values[field.name])
    }
    return record.collection === 'calls' ? { ...json, number: record.number } : json
  }

  #request(isDryRun: boolean, work: (touched: Touched) => ModelAnswer): ModelAnswer {
    const touched: Touched = new Map()
    const answer = work(touched)
    if (answer.status === 200 && !isDryRun) this.#accept(touched)
    return answer
  }

  /** Gives places to what changed, in the order in which the request first touched it. */
  #accept(touched: Touched): void {
    for (const [place, record] of touched) {
      const before = this.records.get(place)
      if (isSame(before, record)) {
        this.records.set(place, record)
        continue
      }
      const accepted = { ...record, seq: ++this.lastSeq }
      if (record.collection === 'calls') {
        if (accepted.number === 0) {
          accepted.number = ++this.lastNumber
          this.#showEarlyParts(accepted.key)
        }
        if (!repeatsAsBefore(before, accepted)) accepted.repeats = this.#repeats(accepted)
      }
      this.records.set(place, accepted)
    }
  }

  /** Parts that came before their call take new places when it comes, in their order. */
  #showEarlyParts(callId: string): void {
    const early = [...this.records.values()].filter(
      (part) => isPart(part.collection) && part.callId === callId && part.state === 'live',
    )
    for (const part of early.sort((left, right) => left.seq - right.seq)) {
      this.records.set(`${part.collection}/${part.key}`, { ...part, seq: ++this.lastSeq })
    }
  }

  #repeats(call: ModelRecord): number {
    const here = endpointOf(call)
    if (here.external === undefined) return 0
    return [...this.records.values()].filter((other) => {
      if (other.collection !== 'calls' || other.state !== 'live' || other.number >= call.number) return false
      const there = endpointOf(other)
      const ago = here.start - there.start
      return there.external === here.external && ago > 0 && ago <= dayMs
    }).length
  }

  #merge(touched: Touched, collection: string, writes: ModelWrite[], skips: boolean, replaces: boolean): ModelAnswer {
    const counts = { accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0 }
    for (const write of writes) {
      const outcome = write.isWrong ? 'wrong' : this.#mergeOne(touched, collection, write.record, replaces)
      if (outcome === 'wrong' && !skips) return { status: 422 }
      if (outcome === 'wrong') counts.rejected++
      else {
        counts.accepted++
        counts[outcome]++
      }
    }
    return { status: 200, counts }
  }

  #mergeOne(
    touched: Touched,
    collection: string,
    write: Json,
    replaces: boolean,
  ): 'created' | 'updated' | 'unchanged' | 'wrong' {
    const { key: keyName, fields } = definition(collection)
    const place = `${collection}/${String(write[keyName])}`
    const find = (at: string) => touched.get(at) ?? this.records.get(at)
    const found = find(place)
    const isReplaced = replaces && !touched.has(place)
    const callId = isPart(collection)
      ? String(write['callId'])
      : collection === 'calls'
        ? String(write['id'])
        : undefined
    if (found?.state === 'deleted' || (found?.state === 'replaced' && !replaces)) return 'wrong'
    if (isPart(collection) && find(`calls/${callId}`)?.state === 'deleted') return 'wrong'
    if (found && found.callId !== callId) return 'wrong'
    const known = found?.state === 'live' ? found : undefined
    const isWhole = fields.every((field) => !field.required || (write[field.name] ?? null) !== null)
    if ((!known || isReplaced) && !isWhole) return 'wrong'
    const sent = mergeSent(isReplaced ? cleared(known?.sent) : known?.sent, write, definition(collection))
    const record: ModelRecord = {
      ...(found ?? { collection, key: String(write[keyName]), callId, number: 0, seq: 0, repeats: 0 }),
      state: 'live',
      sent,
    }
    if (collection === 'calls' && !isPossible(record)) return 'wrong'
    if (!known || tracesOf(known.sent) !== tracesOf(sent)) touched.set(place, record)
    return !known ? 'created' : isSame(known, record) ? 'unchanged' : 'updated'
  }
}

/** Nothing said any more; at which revision it was said still counts. */
function cleared(sent: Sent | undefined): Sent {
  return new Map([...(sent ?? [])].map(([name, { revision }]) => [name, { value: null, revision }]))
}

/** Everything that merging must know of what was sent. */
function tracesOf(sent: Sent): string {
  const kept = [...sent].filter(([, entry]) => entry.value !== null || entry.revision !== undefined)
  return JSON.stringify(kept.sort(([left], [right]) => (left < right ? -1 : 1)))
}

function definition(name: string): Collection {
  const found = collectionNamed(name)
  if (found) return found
  throw new Error(`There is no collection ${name}.`)
}

function isPart(collection: string): boolean {
  return partCollections.some((part) => part.name === collection)
}

function sentValues(record: ModelRecord): Json {
  const values: Json = {}
  const pairs: [string, unknown][] = []
  for (const [name, { value }] of record.sent) {
    if (value === null || name === 'attributes') continue
    if (name.startsWith('attributes.')) pairs.push([name.slice('attributes.'.length), value])
    else values[name] = value
  }
  if (pairs.length > 0) values['attributes'] = pairs.sort(([left], [right]) => (left < right ? -1 : 1))
  return values
}

function isSame(before: ModelRecord | undefined, after: ModelRecord): boolean {
  if (before?.state !== after.state) return false
  const sorted = (record: ModelRecord) =>
    JSON.stringify(Object.entries(sentValues(record)).sort(([left], [right]) => (left < right ? -1 : 1)))
  return sorted(before) === sorted(after)
}

function instantOf(value: unknown): number {
  return Date.parse(String(value))
}

function callDefaults(call: ModelRecord): Json {
  const { status, startedAt, endedAt, durationSeconds } = sentValues(call)
  const isActive = status === 'active'
  const defaults: Json = {
    direction: 'inbound',
    phase: isActive ? 'PROCESSING' : 'DONE',
    authenticated: false,
    escalated: status === 'escalated',
    dailyRepeatCalls: call.repeats,
  }
  if (!isActive && durationSeconds !== undefined) {
    defaults['endedAt'] = new Date(instantOf(startedAt) + millisecondsOf(Number(durationSeconds))).toISOString()
  }
  if (endedAt !== undefined) defaults['durationSeconds'] = (instantOf(endedAt) - instantOf(startedAt)) / 1000
  return defaults
}

function isPossible(call: ModelRecord): boolean {
  const { status, startedAt, endedAt, durationSeconds } = sentValues(call)
  // The times that can be kept end with the year 2299.
  const derivedEnd =
    endedAt === undefined && status !== 'active' ? instantOf(startedAt) + 1000 * Number(durationSeconds ?? 0) : 0
  if (derivedEnd >= Date.UTC(2299, 11, 31)) return false
  if (endedAt !== undefined && instantOf(endedAt) < instantOf(startedAt)) return false
  return status === 'active' || endedAt !== undefined || durationSeconds !== undefined
}

function endpointOf(call: ModelRecord): { external: unknown; start: number } {
  const values = sentValues(call)
  return { external: values['externalEndpoint'], start: instantOf(values['startedAt']) }
}

/** As long as the external endpoint and the start stay, so does the count, unless the sender's own was in its place. */
function repeatsAsBefore(before: ModelRecord | undefined, after: ModelRecord): boolean {
  if (!before || before.state !== 'live' || sentValues(before)['dailyRepeatCalls'] !== undefined) return false
  return JSON.stringify(endpointOf(before)) === JSON.stringify(endpointOf(after))
}
