import type { Story } from './storyShape.ts'
import { engagementsOf } from './engagements.ts'
import { at, clamp, Random, round } from './random.ts'
import { isTransferred } from './story.ts'

const hourMs = 3_600_000

const reviewers = [
  { id: 'rev-01', name: 'Paulina Araneda Soto' },
  { id: 'rev-02', name: 'Iván Cárdenas Mella' },
  { id: 'rev-03', name: 'Loreto Saavedra Pino' },
  { id: 'rev-04', name: 'Germán Oyarzún Leal' },
]

const questions = [
  { id: 'q-saludo', name: '¿Saluda y se presenta según el protocolo?', ease: 0.9 },
  { id: 'q-identidad', name: '¿Valida la identidad del titular?', ease: 0.8 },
  { id: 'q-necesidad', name: '¿Entiende la necesidad del cliente?', ease: 0.75 },
  { id: 'q-solucion', name: '¿Entrega una solución o un plazo claro?', ease: 0.6 },
  { id: 'q-empatia', name: '¿Muestra empatía durante la llamada?', ease: 0.65 },
  { id: 'q-cierre', name: '¿Cierra la llamada según el protocolo?', ease: 0.85 },
]

const answers = [
  { id: 'a-no', name: 'No cumple', score: 0 },
  { id: 'a-parcial', name: 'Cumple en parte', score: 0.5 },
  { id: 'a-si', name: 'Cumple', score: 1 },
]

const reasons = [
  { id: 'r-omite', name: 'Omite el paso' },
  { id: 'r-incompleto', name: 'Lo hace de forma incompleta' },
  { id: 'r-tono', name: 'Tono poco cercano' },
]

/** The answered questions of the quality reviews of a call: of one call in thirty, hours to days after it. */
export function reviewRecords(story: Story): object[] {
  const random = new Random(story.world.seed, 'review', story.index)
  const parts = engagementsOf(story)
  const chance = isTransferred(story) ? 0.06 : 0.025
  if (story.isActive || parts.length === 0 || !random.chance(chance)) return []
  const begunAt = story.startedAt + story.durationMs + Math.round(random.between(2, 96) * hourMs)
  const isAutomatic = random.chance(0.4)
  const reviewer = random.pick(reviewers)
  const part = random.pick(parts)
  const count = random.whole(3, questions.length)
  const first = random.whole(0, questions.length - count)
  const records: object[] = []
  for (let place = 0; place < count; place++) {
    const reviewedAt = begunAt + place * random.whole(15, 60) * 1000
    if (reviewedAt > story.world.endsAt) break
    records.push({
      id: `${story.id}.r${place + 1}`,
      callId: story.id,
      engagementId: part.id,
      agentId: part.agent.id,
      reviewerId: isAutomatic ? 'rev-ia' : reviewer.id,
      reviewerName: isAutomatic ? 'Revisor IA' : reviewer.name,
      reviewedAt: new Date(reviewedAt).toISOString(),
      reviewSessionId: `${story.id}.s1`,
      status: 'Completed',
      sampling: random.chance(0.7) ? 'Random' : 'Focused',
      type: isAutomatic ? 'Auto' : 'Reviewer',
      kind: 'Quality',
      answerType: 'Choice',
      version: '3',
      formId: 'form-calidad-4',
      ...answerOf(at(questions, first + place), story, random, isAutomatic),
    })
  }
  return records
}

function answerOf(question: (typeof questions)[number], story: Story, random: Random, isAutomatic: boolean): object {
  const chance = clamp(question.ease + story.mood * 0.25 + story.skill * 0.1, 0.05, 0.98)
  const place = random.chance(chance) ? 2 : random.whole(0, 1)
  const answer = at(answers, place)
  const reason = place < 2 ? random.pick(reasons) : undefined
  const isVerified = isAutomatic && random.chance(0.3)
  return {
    questionId: question.id,
    questionName: question.name,
    answerId: answer.id,
    answerName: answer.name,
    answerReasonId: reason?.id,
    answerReason: reason?.name,
    score: answer.score * 10,
    answerScore: answer.score,
    worstScore: 0,
    bestScore: 1,
    confidence: isAutomatic ? round(random.between(0.6, 0.99), 2) : undefined,
    comment: reason && random.chance(0.5) ? `${reason.name}; conversar con el equipo.` : undefined,
    commentLanguage: undefined,
    verified: isAutomatic ? isVerified : undefined,
    verifiedBy: isVerified ? 'Loreto Saavedra Pino' : undefined,
  }
}
