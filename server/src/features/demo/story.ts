import { callCenters, type Campaign, campaigns, type Ending, endings, flowVersions } from './company.ts'
import { type Customer, customerOf } from './customers.ts'
import { at, clamp, Random, round } from './random.ts'
import { pickBot, pickPerson } from './staff.ts'
import { type Survey, surveyOf } from './survey.ts'
import type { Story, StoryDraft } from './storyShape.ts'
import { timelineOf } from './timeline.ts'
import { outageEndings, outageTopic, type Topic, topics } from './topics.ts'
import { startOf, type World } from './world.ts'

/** Endings in which both sides talk about the matter. */
const talks = new Set<Ending>([
  'solved',
  'unsolved',
  'personSolved',
  'personUnsolved',
  'queueAbandoned',
  'hangUp',
  'callback',
])

const maxTurns = 24

export function isTalk(story: { ending: Ending }): boolean {
  return talks.has(story.ending)
}

export function isTransferred(story: { ending: Ending }): boolean {
  return story.ending === 'personSolved' || story.ending === 'personUnsolved' || story.ending === 'queueAbandoned'
}

/** Whether the matter was settled; undefined where nobody talked about it or the call is still going on. */
export function resolutionOf(story: { ending: Ending; isActive: boolean }): boolean | undefined {
  if (story.isActive || !talks.has(story.ending)) return undefined
  return story.ending === 'solved' || story.ending === 'personSolved'
}

/** The story of the call with this index; it depends on the plan and the index alone. */
export function storyOf(world: World, index: number): Story {
  const random = new Random(world.seed, 'story', index)
  const startedAt = startOf(world, index, random.next())
  const hour = world.rhythm.hourOf(startedAt)
  const isActive = index >= world.firstActive
  const campaign = at(campaigns, random.weighted(hour.weights))
  const customer = customerOf(world.seed, world.tag, customerIndexOf(world, index))
  const isOutage = hour.isOutage && campaign.key === 'support' && random.chance(0.75)
  const topic = isOutage ? outageTopic : pickTopic(random, campaign, customer)
  const centerIndex = random.weighted(centerShares)
  const bot = pickBot(random, campaign.key, customer.language)
  const flow = flowAt(hour.progress, random)
  const skill = flow.skill + at(callCenters, centerIndex).skill + bot.skill
  const ending = isActive ? 'solved' : pickEnding(random, isOutage ? outageEndings : campaign.endings, skill)
  const isComplaining = talks.has(ending) && random.chance(complaintChance(ending, campaign, isOutage))
  const draft = {
    world,
    index,
    id: `call-${world.tag}-${String(index + 1).padStart(7, '0')}`,
    startedAt,
    hour,
    campaign,
    topic,
    customer,
    centerIndex,
    bot,
    person:
      ending === 'personSolved' || ending === 'personUnsolved'
        ? pickPerson(random, centerIndex, campaign.team, customer.language)
        : undefined,
    flowVersion: flow.version,
    skill,
    ending,
    isActive,
    isAuthenticated: isTalk({ ending }) && random.chance(authenticationChance(campaign)),
    isMatterFirst: random.chance(0.4),
    isComplaining,
    isOutage,
    mood: moodOf(random, ending, campaign, { isComplaining, isOutage }),
    ticket: 4_000_000 + random.whole(0, 4_999_999),
  }
  const survey = drawSurvey(draft, random)
  return finish({ ...draft, survey, ...lengthOf(draft, survey, random) }, random)
}

function finish(draft: StoryDraft, random: Random): Story {
  const { segments, durationMs } = timelineOf(draft, random)
  const isRunning = draft.startedAt + durationMs > draft.world.endsAt
  // A call that was to be transferred or rated and is still going on has not come that far.
  if (isRunning && !draft.isActive) {
    const early = { ...draft, isActive: true, ending: 'solved' as const, person: undefined, survey: undefined }
    return { ...early, ...timelineOf(early, random) }
  }
  return { ...draft, segments, durationMs }
}

const centerShares = callCenters.map((center) => center.share)

/** Some customers call often, and some call again soon. */
function customerIndexOf(world: World, index: number): number {
  const random = new Random(world.seed, 'choice', index)
  const first = Math.floor(random.next() ** 1.4 * world.customerCount)
  if (index < 40 || !random.chance(0.06)) return first
  const earlier = new Random(world.seed, 'choice', index - random.whole(5, 40))
  return Math.floor(earlier.next() ** 1.4 * world.customerCount)
}

function pickTopic(random: Random, campaign: Campaign, customer: Customer): Topic {
  const fitting = topicsOf(campaign)
  const topic = at(fitting, random.weighted(fitting.map((topic) => topic.weight)))
  // Who has the largest plan already cannot be offered a larger one.
  return campaign.key === 'sales' && customer.planIndex === 3 ? at(fitting, 1) : topic
}

const topicsByCampaign = new Map(
  campaigns.map(({ key }) => [key, topics.filter((topic) => topic.campaign === key)] as const),
)

function topicsOf(campaign: Campaign): readonly Topic[] {
  return topicsByCampaign.get(campaign.key) ?? topics
}

function flowAt(progress: number, random: Random): (typeof flowVersions)[number] {
  // One in ten calls tries the next version before all do.
  const place = flowVersions.findLastIndex((flow) => flow.from <= progress)
  return at(flowVersions, Math.min(flowVersions.length - 1, place + (random.chance(0.1) ? 1 : 0)))
}

function pickEnding(random: Random, weights: readonly number[], skill: number): Ending {
  const better = Math.exp(skill * 0.4)
  return at(
    endings,
    random.weighted(weights.map((weight, place) => (place === 0 || place === 2 ? weight * better : weight))),
  )
}

function complaintChance(ending: Ending, campaign: Campaign, isOutage: boolean): number {
  const isInbound = campaign.direction === 'inbound'
  if (campaign.key === 'visits' || campaign.key === 'satisfaction') return 0
  const extra = isOutage ? 0.3 : 0
  if (ending === 'solved') return (isInbound ? 0.14 : 0.03) + extra
  if (ending === 'callback') return (isInbound ? 0.15 : 0) + extra
  return (isInbound ? 0.45 : 0.2) + extra
}

function authenticationChance(campaign: Campaign): number {
  if (campaign.direction === 'inbound') return 0.86
  return campaign.key === 'collections' ? 0.92 : 0.25
}

const moods: Partial<Record<Ending, number>> = {
  solved: 0.48,
  unsolved: -0.5,
  personSolved: 0.34,
  personUnsolved: -0.52,
  queueAbandoned: -0.5,
  hangUp: -0.3,
  callback: 0.04,
  error: -0.2,
}

function moodOf(
  random: Random,
  ending: Ending,
  campaign: Campaign,
  cause: { isComplaining: boolean; isOutage: boolean },
): number {
  let mean = moods[ending] ?? 0
  if (ending === 'unsolved' && campaign.direction === 'outbound') mean = campaign.key === 'collections' ? -0.25 : -0.05
  if (cause.isComplaining) mean -= 0.18
  if (cause.isOutage) mean -= 0.15
  const mood = random.normal(mean, 0.2)
  const isSolved = ending === 'solved' || ending === 'personSolved'
  return round(
    clamp(mood, isSolved ? -0.12 : -0.98, ending === 'unsolved' || ending === 'personUnsolved' ? 0.1 : 0.97),
    2,
  )
}

type Draft = Omit<StoryDraft, 'survey' | 'steps' | 'personSteps' | 'hasHold' | 'asksMore'>

function drawSurvey(draft: Draft, random: Random): Survey | undefined {
  const canAsk =
    draft.ending === 'solved' ||
    draft.ending === 'unsolved' ||
    draft.ending === 'personSolved' ||
    draft.ending === 'personUnsolved'
  const isAsked = random.chance(draft.campaign.surveyChance)
  if (!canAsk || !isAsked || draft.isActive) return undefined
  return surveyOf({
    seed: draft.world.seed,
    index: draft.index,
    campaign: draft.campaign.key,
    language: draft.customer.language,
    isResolved: resolutionOf(draft) === true,
    mood: draft.mood,
    isTransferred: isTransferred(draft),
  })
}

/** How many steps the talk takes, so that it stays within the most turns. */
function lengthOf(draft: Draft, survey: Survey | undefined, random: Random) {
  const drawn = random.whole(2, 4)
  const wantsHold = random.chance(0.35)
  const wantsMore = random.chance(0.5)
  const opening = draft.isAuthenticated && !(draft.isMatterFirst && draft.campaign.direction === 'inbound') ? 6 : 4
  const asked = (survey?.asked ?? 0) * 2
  const none = { steps: 0, personSteps: 0, hasHold: false, asksMore: false }
  if (isTransferred(draft)) {
    const steps = asked > 0 || draft.isAuthenticated ? 1 : random.whole(1, 2)
    return { ...none, steps, personSteps: asked > 0 || draft.ending === 'personUnsolved' ? 1 : 2 }
  }
  if (draft.ending === 'hangUp' || draft.ending === 'callback') return { ...none, steps: Math.min(2, drawn - 1) }
  const room = maxTurns - opening - 3 - asked
  const steps = Math.max(clamp(drawn, 1, Math.floor(room / 2)), fewestSteps(draft))
  const isInbound = draft.campaign.direction === 'inbound'
  const hasHold = wantsHold && isInbound && room - steps * 2 >= 2
  const asksMore = isInbound && wantsMore && room - steps * 2 - (hasHold ? 2 : 0) >= 2
  return { steps, personSteps: 0, hasHold, asksMore }
}

/** Steps that the talk cannot do without. */
function fewestSteps(draft: Draft): number {
  return draft.topic.scripts[draft.customer.language].steps.filter((step) => step.always).length
}
