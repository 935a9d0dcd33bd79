import { calls } from './calls.ts'
import type { Collection } from './collection.ts'
import { engagements, evaluations, reviews, surveys, turns } from './parts.ts'
import { agents, callCenters, campaigns, customers, queues } from './references.ts'

/** Records that calls name; they have no call of their own. */
export const referenceCollections: readonly Collection[] = [campaigns, callCenters, agents, queues, customers]

/** Every collection, references first, so that a full load in this order finds what it names. */
export const collections: readonly Collection[] = [
  ...referenceCollections,
  calls,
  engagements,
  turns,
  evaluations,
  surveys,
  reviews,
]

/** The parts that a call takes with it when it is deleted. */
export const partCollections: readonly Collection[] = collections.filter((collection) => collection.isPart)

export function collectionNamed(name: string): Collection | undefined {
  return collections.find((collection) => collection.name === name)
}
