import type { Story } from './storyShape.ts'
import { callRecord } from './calls.ts'
import { callCenters, campaigns, queues } from './company.ts'
import { customerOf, customerRecord } from './customers.ts'
import { engagementRecords } from './engagements.ts'
import { evaluationRecords } from './evaluations.ts'
import { reviewRecords } from './reviews.ts'
import { agentRecord, allAgents } from './staff.ts'
import { storyOf } from './story.ts'
import { surveyRecord } from './survey.ts'
import { turnRecords } from './turns.ts'
import { planWorld, type World } from './world.ts'

/** The parts of calls but for turns, in the order in which they follow their calls. */
const smallParts = ['engagements', 'evaluations', 'surveys', 'reviews'] as const

type SmallPart = (typeof smallParts)[number]
type DemoPart = SmallPart | 'turns'
type DemoCollection = 'campaigns' | 'call-centers' | 'queues' | 'agents' | 'customers' | 'calls' | DemoPart

export interface DemoOptions {
  /** A whole number; the same seed and arguments give the same records to the byte. */
  seed: number
  calls: number
  /** How far the calls reach back from `endsAt`. */
  days: number
  /** The instant of the demonstration's end (milliseconds): the last calls are still going on then. */
  endsAt: number
  /** Parts to leave out, as `{ turns: false }`; leaving out changes nothing else. */
  parts?: Partial<Record<DemoPart, boolean>>
  /** Most records in a batch, and calls in a round (default 10,000). */
  batchSize?: number
}

/** Records for one request to the ingestion. */
export interface DemoBatch {
  collection: DemoCollection
  records: object[]
  /** At least so many calls are complete, with all their parts, once this and all earlier batches are sent. */
  callsDone: number
}

/**
 * Makes the records of a demonstration one batch at a time: the company, its customers, then the calls in the order
 * of time, each round of calls followed by their parts. Memory does not grow with the number of calls.
 */
export function* generateDemo(options: DemoOptions): Generator<DemoBatch, void, undefined> {
  const size = options.batchSize ?? 10_000
  const world = planWorld(options)
  yield* inBatches('campaigns', campaigns.map(campaignRecord), size, 0)
  yield* inBatches('call-centers', callCenters.map(namedRecord), size, 0)
  yield* inBatches('queues', queues.map(namedRecord), size, 0)
  yield* inBatches('agents', allAgents.map(agentRecord), size, 0)
  for (let from = 0; from < world.customerCount; from += size) {
    const count = Math.min(size, world.customerCount - from)
    const records = Array.from({ length: count }, (_, place) =>
      customerRecord(customerOf(world.seed, world.tag, from + place)),
    )
    yield { collection: 'customers', records, callsDone: 0 }
  }
  for (let from = 0; from < world.calls; from += size) {
    yield* roundOf(world, from, Math.min(world.calls, from + size), size, options.parts ?? {})
  }
}

function campaignRecord({ id, name, description, direction }: (typeof campaigns)[number]): object {
  return { id, name, description, type: direction === 'inbound' ? 'Inbound' : 'Outbound', status: 'Running' }
}

const partRecords: Record<SmallPart, (story: Story) => object[]> = {
  engagements: engagementRecords,
  evaluations: evaluationRecords,
  surveys: surveyRecords,
  reviews: reviewRecords,
}

function namedRecord({ id, name }: { id: string; name: string }): object {
  return { id, name }
}

/** Records of one collection in batches; the last of them completes the calls up to `doneAfter`. */
function* inBatches(
  collection: DemoCollection,
  records: object[],
  size: number,
  doneBefore: number,
  doneAfter = doneBefore,
): Generator<DemoBatch, void, undefined> {
  for (let start = 0; start < records.length; start += size) {
    const isLast = start + size >= records.length
    const batch = records.length <= size ? records : records.slice(start, start + size)
    yield { collection, records: batch, callsDone: isLast ? doneAfter : doneBefore }
  }
}

/** The calls from one index up to another, then their parts. */
function* roundOf(
  world: World,
  from: number,
  to: number,
  size: number,
  wanted: Partial<Record<DemoPart, boolean>>,
): Generator<DemoBatch, void, undefined> {
  const kinds = smallParts.filter((part) => wanted[part] !== false)
  const hasTurns = wanted.turns !== false
  const calls: object[] = []
  const records: Record<SmallPart, object[]> = { engagements: [], evaluations: [], surveys: [], reviews: [] }
  for (let index = from; index < to; index++) {
    const story = storyOf(world, index)
    calls.push(callRecord(story))
    for (const kind of kinds) for (const record of partRecords[kind](story)) records[kind].push(record)
  }
  const last = hasTurns ? 'turns' : kinds.findLast((kind) => records[kind].length > 0)
  yield* inBatches('calls', calls, size, from, last === undefined ? to : from)
  for (const kind of kinds) yield* inBatches(kind, records[kind], size, from, kind === last ? to : from)
  if (hasTurns) yield* turnsOf(world, from, to, size)
}

/** The turns of the calls from one index up to another; they are many, so they are made when they are asked for. */
function* turnsOf(world: World, from: number, to: number, size: number): Generator<DemoBatch, void, undefined> {
  let records: object[] = []
  for (let index = from; index < to; index++) {
    const own = turnRecords(storyOf(world, index))
    if (records.length + own.length > size && records.length > 0) {
      yield { collection: 'turns', records, callsDone: index }
      records = []
    }
    for (const record of own) records.push(record)
  }
  if (records.length > 0) yield { collection: 'turns', records, callsDone: to }
}

function surveyRecords(story: Story): object[] {
  if (!story.survey) return []
  const completedAt = new Date(story.startedAt + story.durationMs).toISOString()
  return [surveyRecord(story.id, story.survey, completedAt)]
}
