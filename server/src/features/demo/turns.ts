import type { Segment, Story } from './storyShape.ts'
import { type Line, dialogueOf } from './dialogue.ts'
import { engagementsOf } from './engagements.ts'
import { clamp, Random, round } from './random.ts'
import { slotsOf } from './slots.ts'

const agentCharacterMs = 57
const customerCharacterMs = 62
const minGapMs = 180
const edgeMs = 250

/** One line with its place in the call, in milliseconds from the start. */
interface TimedLine {
  line: Line
  fromMs: number
  durationMs: number
}

/** The call's turns as records, in order: nobody talks over themselves, and the talk fills the call. */
export function turnRecords(story: Story): object[] {
  const random = new Random(story.world.seed, 'talk', story.index)
  const lines = dialogueOf(story, slotsOf(story), random)
  if (lines.length === 0) return []
  const untilMs = story.isActive ? story.world.endsAt - story.startedAt : Number.POSITIVE_INFINITY
  const timed: TimedLine[] = []
  for (const segment of story.segments) {
    const own = lines.filter((line) => line.segment === segment.kind)
    for (const entry of layOut(own, segment, random)) {
      if (entry.fromMs + entry.durationMs <= untilMs) timed.push(entry)
    }
  }
  return recordsOf(story, timed, random)
}

/** Fits lines into a stretch: speech at its own speed, what is left goes into the pauses. */
function layOut(lines: readonly Line[], segment: Segment, random: Random): TimedLine[] {
  const speech = lines.map(
    ({ participant, text }) =>
      (participant === 'agent' ? 350 + text.length * agentCharacterMs : 250 + text.length * customerCharacterMs) *
      random.between(0.92, 1.08),
  )
  const isHeld = lines.some((line) => line.isAfterHold)
  const holdMs = isHeld ? segment.holdMs : 0
  const gaps = lines.map((line) => pauseWeight(line) * random.between(0.5, 1.6))
  let spoken = 0
  for (const duration of speech) spoken += duration
  let gapTotal = 0
  for (const gap of gaps) gapTotal += gap
  const room = segment.toMs - segment.fromMs - 2 * edgeMs - holdMs - lines.length * minGapMs
  const stretch = clamp(room / spoken, 0, 1.06)
  const pauseUnit = Math.max(0, room - spoken * stretch) / gapTotal
  let clock = segment.fromMs + edgeMs
  return lines.map((line, index) => {
    clock += minGapMs + (gaps[index] ?? 0) * pauseUnit + (line.isAfterHold ? holdMs : 0)
    const fromMs = Math.floor(clock)
    const durationMs = Math.floor((speech[index] ?? 0) * stretch)
    clock += durationMs
    return { line, fromMs, durationMs }
  })
}

/** People take their time when they are asked to look at something; the agent hardly ever does. */
function pauseWeight(line: Line): number {
  if (line.participant === 'customer') return line.category === 'diagnosis' ? 4 : 1.5
  return line.category === 'diagnosis' || line.category === 'resolution' ? 1.5 : 0.7
}

function recordsOf(story: Story, timed: readonly TimedLine[], random: Random): object[] {
  const engagements = engagementsOf(story)
  const language = story.customer.language === 'spanish' ? 'es-CL' : 'en-US'
  const startMood = story.isComplaining ? -0.65 : Math.min(0.05, story.mood)
  return timed.map(({ line, fromMs, durationMs }, index) => {
    const isAgent = line.participant === 'agent'
    const progress = timed.length < 2 ? 1 : index / (timed.length - 1)
    const mood = startMood + (story.mood - startMood) * progress ** 1.5
    return {
      id: `${story.id}.${index + 1}`,
      callId: story.id,
      engagementId: engagements.find((part) => part.kinds.includes(line.segment))?.id,
      participant: line.participant,
      text: line.text,
      at: new Date(story.startedAt + fromMs).toISOString(),
      durationMs,
      type: 'Talk',
      origin: 'Custom',
      category: line.category,
      sentiment:
        line.category === 'voicemail'
          ? undefined
          : round(clamp(isAgent ? random.between(0.05, 0.45) : mood + random.between(-0.12, 0.12), -1, 1), 2),
      confidence: round(isAgent ? random.between(0.93, 0.995) : random.between(0.74, 0.98), 3),
      quality: round(random.between(0.82, 1), 2),
      responseTo:
        index > 0 && timed[index - 1]?.line.participant !== line.participant ? `${story.id}.${index}` : undefined,
      language,
    }
  })
}
