import { calls } from './calls.ts'
import type { Collection } from './collection.ts'
import { engagements, evaluations, reviews, surveys, turns } from './parts.ts'
import { agents, callCenters, campaigns, customers, queues } from './references.ts'

/** Reference records that calls name; they belong to no call. */
export const referenceCollections: readonly Collection[] = [campaigns, callCenters, agents, queues, customers]

/** Every collection, references first, so that a full load in this order finds the records that it names. */
export const collections: readonly Collection[] = [
  ...referenceCollections,
  calls,
  engagements,
  turns,
  evaluations,
  surveys,
  reviews,
]

/** The parts of a call, which are deleted with it. */
export const partCollections: readonly Collection[] = collections.filter((collection) => collection.isPart)

export function collectionNamed(name: string): Collection | undefined {
  return collections.find((collection) => collection.name === name)
}
