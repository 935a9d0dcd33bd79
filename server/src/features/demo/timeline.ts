import type { Random } from './random.ts'
import { clamp } from './random.ts'
import type { Segment, StoryDraft } from './storyShape.ts'

interface Timeline {
  segments: readonly Segment[]
  durationMs: number
}

// One line of the agent with the customer's answer and the pauses around them.
const pairMs = 10_200
const surveyPairMs = 7800
const activeMarginMs = 25_000

/** Lays out the stretches of a call; the talk is fitted into them later. */
export function timelineOf(draft: StoryDraft, random: Random): Timeline {
  const { ending, campaign, bot, person, survey, isActive } = draft
  if (ending === 'noAnswer') return { segments: [], durationMs: random.whole(18, 36) * 1000 }
  if (ending === 'unreachable') return { segments: [], durationMs: random.whole(3, 9) * 1000 }
  const pace = random.logNormal(1.12, 0.24)
  const menuMs = campaign.direction === 'inbound' && draft.index % 5 < 3 ? random.whole(5200, 8800) : 0
  const holdMs = draft.hasHold ? Math.round(clamp(random.logNormal(32_000, 0.55), 8000, 150_000)) : 0
  const botPairs = botPairsOf(draft)
  const waitMs = Math.round(clamp(random.logNormal(38_000, 0.7), 6000, 240_000))
  const personPace = random.logNormal(1.2, 0.28)
  let clock = Math.round(menuMs + botPairs * pairMs * Math.max(0.9, pace) + holdMs)
  if (isActive) clock = Math.max(clock, draft.world.endsAt - draft.startedAt + activeMarginMs)
  const talk: Segment = { kind: 'bot', agent: bot, fromMs: menuMs, toMs: clock, holdMs, waitMs: 0, menuMs }
  const segments = [talk]
  if (ending === 'queueAbandoned') clock += waitMs
  if (person) {
    const fromMs = clock + waitMs
    clock = Math.round(fromMs + (draft.personSteps + 2) * pairMs * Math.max(0.95, personPace))
    segments.push({ kind: 'person', agent: person, fromMs, toMs: clock, holdMs: 0, waitMs, menuMs: 0 })
  }
  if (survey && survey.asked > 0) {
    const fromMs = clock
    clock = Math.round(fromMs + (survey.asked + 0.8) * surveyPairMs * random.between(0.97, 1.2))
    segments.push({ kind: 'survey', agent: bot, fromMs, toMs: clock, holdMs: 0, waitMs: 0, menuMs: 0 })
  }
  const durationMs = Math.ceil(clock / 1000) * 1000
  return { segments, durationMs }
}

function botPairsOf(draft: StoryDraft): number {
  const { ending, isAuthenticated, isMatterFirst, campaign } = draft
  if (ending === 'voicemail') return 2.2
  if (ending === 'wrongNumber') return 2.3
  if (ending === 'error') return 2.6
  const opening = isAuthenticated && !(isMatterFirst && campaign.direction === 'inbound') ? 3.1 : 2.2
  const closing = ending === 'hangUp' ? 0.7 : ending === 'callback' ? 1.9 : 1.7
  return (
    opening +
    draft.steps +
    closing +
    (draft.hasHold ? 0.7 : 0) +
    (draft.asksMore ? 0.6 : 0) +
    (draft.isComplaining ? 0.4 : 0)
  )
}
