import type { Values } from './collections/collection.ts'
import type { Write } from './checkRecord.ts'
import { isObject } from './readValue.ts'

/** The merged state of a record: the sent values, and the revision at which each field was last set or cleared. */
export interface Merged {
  values: Values
  revisions: Record<string, number>
}

export interface MergeResult extends Merged {
  /** Whether a value differs from before. */
  changed: boolean
  /** Whether anything to store differs, which may be only a revision. */
  stored: boolean
}

/**
 * Merges a write into a record. Writes without a revision apply in the order of arrival; a write with a revision skips
 * every field that a higher revision has set or cleared. Lists and objects are replaced as a whole, attributes by name.
 */
export function mergeRecord(current: Merged | undefined, write: Write): MergeResult {
  const result: MergeResult = {
    values: current ? { ...current.values } : {},
    revisions: current?.revisions ?? {},
    changed: current === undefined,
    stored: current === undefined,
  }
  for (const name in write.set) {
    if (name === 'attributes') mergeAttributes(result, write.set[name], write.revision)
    else if (mayApply(result, name, write.revision)) apply(result, name, write.set[name])
  }
  return result
}

/** Whether a write at this revision may change the field; if so, stores the revision. */
function mayApply(result: MergeResult, name: string, revision: number | undefined): boolean {
  if (revision === undefined) return true
  const last = result.revisions[name]
  if (last !== undefined && revision < last) return false
  if (last !== revision) {
    result.revisions = { ...result.revisions, [name]: revision }
    result.stored = true
  }
  return true
}

function apply(result: MergeResult, name: string, value: unknown): void {
  if (value === null) {
    if (!(name in result.values)) return
    delete result.values[name]
  } else {
    if (isSame(result.values[name], value)) return
    result.values[name] = value
  }
  result.changed = true
  result.stored = true
}

function mergeAttributes(result: MergeResult, sent: unknown, revision: number | undefined): void {
  const before = isObject(result.values['attributes']) ? result.values['attributes'] : {}
  // The object has no prototype, so that an attribute may have any name.
  const after: Record<string, unknown> = Object.assign(Object.create(null), before)
  if (sent === null) clearAttributes(result, after, revision)
  else if (isObject(sent)) setAttributes(result, after, sent, revision)
  if (isSame(before, after)) return
  if (Object.keys(after).length > 0) result.values['attributes'] = after
  else delete result.values['attributes']
  result.changed = true
  result.stored = true
}

/** Clears every name that no higher revision has set. */
function clearAttributes(result: MergeResult, after: Record<string, unknown>, revision: number | undefined): void {
  if (!mayApply(result, 'attributes', revision)) return
  for (const name of Object.keys(after)) {
    const last = result.revisions[`attributes.${name}`]
    if (revision === undefined || last === undefined || last <= revision) delete after[name]
  }
}

function setAttributes(
  result: MergeResult,
  after: Record<string, unknown>,
  sent: Record<string, unknown>,
  revision: number | undefined,
): void {
  const cleared = result.revisions['attributes']
  for (const [name, value] of Object.entries(sent)) {
    if (revision !== undefined && cleared !== undefined && revision < cleared) continue
    if (!mayApply(result, `attributes.${name}`, revision)) continue
    if (value === null) delete after[name]
    else after[name] = value
  }
}

/** Whether two records have the same values, in any order of their fields. */
export function isSameValues(left: Values, right: Values): boolean {
  const names = Object.keys(left)
  return names.length === Object.keys(right).length && names.every((name) => isSame(left[name], right[name]))
}

function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left)) return JSON.stringify(left) === JSON.stringify(right)
  return sortedJson(left) === sortedJson(right)
}

function sortedJson(value: object): string {
  return JSON.stringify(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
}
