import type { Story } from './storyShape.ts'
import { clamp, Random, round } from './random.ts'
import { isTalk, resolutionOf } from './story.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

type Sentiment = 'positive' | 'neutral' | 'negative'

/** The customer's sentiment in a word; undefined where nobody talked. */
export function sentimentOf(story: Story): Sentiment | undefined {
  if (!isTalk(story) || story.isActive) return undefined
  return story.mood >= 0.2 ? 'positive' : story.mood <= -0.2 ? 'negative' : 'neutral'
}

/** The AI's judgement of a call. */
interface Evaluation {
  status: 'evaluated' | 'notEvaluated' | 'pending' | 'processing' | 'failed'
  score: number | undefined
  evaluatedAt: number | undefined
}

/** Judges a call: later than it ended, in keeping with how it went. Active calls have no evaluation. */
function evaluationOf(story: Story, random: Random): Evaluation | undefined {
  if (story.isActive) return undefined
  const evaluatedAt = story.startedAt + story.durationMs + Math.round(random.logNormal(6 * minuteMs, 0.8))
  const isDue = evaluatedAt <= story.world.endsAt
  if (!isTalk(story)) return { status: 'notEvaluated', score: undefined, evaluatedAt: undefined }
  if (!isDue) return { status: random.chance(0.4) ? 'processing' : 'pending', score: undefined, evaluatedAt: undefined }
  if (random.chance(0.015)) return { status: 'failed', score: undefined, evaluatedAt: undefined }
  const isFresh = story.world.endsAt - evaluatedAt < 2 * hourMs
  if (random.chance(isFresh ? 0.12 : 0.004)) return { status: 'pending', score: undefined, evaluatedAt: undefined }
  if (story.ending === 'hangUp' && random.chance(0.25)) {
    return { status: 'notEvaluated', score: undefined, evaluatedAt: undefined }
  }
  return { status: 'evaluated', score: scoreOf(story, random), evaluatedAt }
}

function scoreOf(story: Story, random: Random): number {
  const resolved = resolutionOf(story) === true
  const agent = story.person?.skill ?? 0
  const mean = (resolved ? 7.7 : 5.2) + story.mood * 1.5 + story.skill * 0.6 + agent * 0.9
  return round(clamp(random.normal(mean, 0.65), 0, 10), 1)
}

/** The evaluation of a call as a record, if there is one. */
export function evaluationRecords(story: Story): object[] {
  const random = new Random(story.world.seed, 'evaluation', story.index)
  const evaluation = evaluationOf(story, random)
  if (!evaluation) return []
  const { status, score, evaluatedAt } = evaluation
  if (evaluatedAt === undefined) return [{ callId: story.id, status, formId: 'form-calidad-4' }]
  const isReviewed = random.chance(0.06)
  return [
    {
      callId: story.id,
      status,
      score,
      category: story.topic.category,
      reason: story.topic.reason,
      subReason: random.chance(0.92) ? random.pick(story.topic.subReasons) : undefined,
      confidence: round(clamp(random.normal(89, 6), 52, 99.5), 1),
      sentiment: sentimentOf(story),
      formId: 'form-calidad-4',
      reviewStatus: isReviewed ? random.pick(reviewStatuses) : undefined,
      reviewNotes: isReviewed ? random.pick(story.mood < -0.2 ? notesBad : notesGood) : undefined,
      evaluatedAt: new Date(evaluatedAt).toISOString(),
    },
  ]
}

const reviewStatuses = ['selected', 'reviewed', 'communicated', 'acknowledged'] as const
const notesGood = [
  'Buen manejo de la llamada y cierre correcto.',
  'Cumple el protocolo completo.\nSe sugiere usarla como ejemplo.',
  'Información clara y tono cercano.',
]
const notesBad = [
  'El cliente termina disconforme; revisar el ofrecimiento de solución.',
  'Falta empatía al inicio.\nReforzar el manejo de reclamos.',
  'Se recomienda contactar nuevamente al cliente.',
]
