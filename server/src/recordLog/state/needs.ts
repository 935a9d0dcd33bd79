import { collectionNamed, partCollections } from '../../domain/collections/all.ts'
import { turns } from '../../domain/collections/parts.ts'
import { endpointText } from '../rows/endpoints.ts'
import type { Needs } from './loadRecords.ts'
import type { AccountMemory } from './accountMemory.ts'
import { recordKeyOf } from './recordCache.ts'
import type { WorkingSet } from './workingSet.ts'
import { partsToExpire, type Expiry, type Command } from '../command.ts'

const dayMs = 24 * 60 * 60 * 1000

/** The stored records that a commit of the group needs before it can merge. */
export function needsOf(group: Command[]): Needs {
  const needs = noNeeds()
  for (const { work } of group) {
    if (work.kind === 'remove') {
      need(needs, work.collection.name, work.key)
      if (work.collection.name === 'calls') needs.partKeys.set(work.key, partCollections)
      continue
    }
    if (work.kind === 'expire') {
      needExpiring(needs, work)
      continue
    }
    if (work.kind === 'changeCall') {
      need(needs, 'calls', work.callId)
      continue
    }
    const collection = work.kind === 'merge' ? work.collection : turns
    for (const { write } of work.writes) {
      const { callId, externalEndpoint, startedAt } = write.set
      need(needs, collection.name, write.key, typeof callId === 'string' ? callId : undefined)
      if (collection.name === 'calls') needRepeats(needs, externalEndpoint, startedAt)
    }
    if (work.kind === 'replaceTurns') needs.wholeCalls.set(work.callId, [turns])
  }
  return needs
}

/** The needs that memory cannot answer. Memory is newer than what the engine shows. */
export function unknownOf(needs: Needs, memory: AccountMemory): Needs {
  const records: Needs['records'] = new Map()
  for (const [name, keys] of needs.records) {
    const unknown = [...keys].filter(([key, callId]) => !isKnown(memory, name, key, callId))
    if (unknown.length > 0) records.set(name, new Map(unknown))
  }
  const endpoints = [...needs.repeats.endpoints].filter((endpoint) => !memory.knowsEndpoint(endpoint))
  return { ...needs, records, repeats: { ...needs.repeats, endpoints: new Set(endpoints) } }
}

/**
 * A part counts as known only together with its call, whose existence and row (with copies of parts) the merge needs.
 */
function isKnown(memory: AccountMemory, name: string, key: string, callId: string | undefined): boolean {
  const collection = collectionNamed(name)
  const isKeyed = name === 'calls' || collection?.isPart
  if (!isKeyed) return memory.cache.find(recordKeyOf(name, key)) !== undefined
  const call = collection?.key === 'callId' ? key : callId
  return memory.knows(name, key) && (call === undefined || memory.knows('calls', call))
}

/** The needs of writes that change only the endpoint or only the start of a call; undefined when there are none. */
export function repeatsOfMoved(group: Command[], records: WorkingSet): Needs | undefined {
  const needs = noNeeds()
  for (const { work } of group) {
    if (work.kind !== 'merge' || work.collection.name !== 'calls') continue
    for (const { write } of work.writes) {
      const { externalEndpoint, startedAt } = write.set
      if ((externalEndpoint === undefined) === (startedAt === undefined)) continue
      const values = records.find('calls', write.key)?.values
      if (!values) continue
      needRepeats(needs, externalEndpoint ?? values['externalEndpoint'], startedAt ?? values['startedAt'])
    }
  }
  return needs.repeats.endpoints.size === 0 ? undefined : needs
}

/** The calls of parts to be removed: only the loaded parts show their `callId`. Undefined when there are none. */
export function callsOfRemovedParts(group: Command[], records: WorkingSet): Needs | undefined {
  const needs = noNeeds()
  for (const { work } of group) {
    if (work.kind !== 'remove' || !work.collection.isPart) continue
    const callId = records.find(work.collection.name, work.key)?.callId
    if (callId !== undefined) need(needs, 'calls', callId)
  }
  return needs.records.size === 0 ? undefined : needs
}

export function noNeeds(): Needs {
  return {
    records: new Map(),
    wholeCalls: new Map(),
    partKeys: new Map(),
    bareCalls: new Set(),
    repeats: { endpoints: new Set(), from: 0, to: 0 },
  }
}

function needExpiring(needs: Needs, work: Expiry): void {
  if (work.what === 'calls' || work.what === 'turns') for (const number of work.numbers) needs.bareCalls.add(number)
  else if (work.what === 'recordings') for (const callId of work.callIds) need(needs, 'calls', callId)
  // Ask only whether the call exists: asking for the record of a missing call would also load its early parts.
  else for (const callId of work.callIds) if (!needs.wholeCalls.has(callId)) needs.wholeCalls.set(callId, [])
  const parts = partsToExpire(work)
  if (parts.length === 0) return
  for (const callId of work.callIds) {
    needs.partKeys.set(callId, [...new Set([...(needs.partKeys.get(callId) ?? []), ...parts])])
  }
}

function need(needs: Needs, name: string, key: string, callId?: string): void {
  const keys = needs.records.get(name) ?? new Map<string, string | undefined>()
  keys.set(key, callId)
  needs.records.set(name, keys)
}

function needRepeats(needs: Needs, external: unknown, startedAt: unknown): void {
  const endpoint = endpointText(external)
  if (endpoint === undefined || typeof startedAt !== 'number') return
  const { repeats } = needs
  const isFirst = repeats.endpoints.size === 0
  repeats.endpoints.add(endpoint)
  repeats.from = isFirst ? startedAt - dayMs : Math.min(repeats.from, startedAt - dayMs)
  repeats.to = isFirst ? startedAt : Math.max(repeats.to, startedAt)
}
