import type { CampaignKey } from './company.ts'
import { at, clamp, Random, round } from './random.ts'
import { comments, forms, gradeAnswers, grades, noAnswers, type SurveyQuestion, yesAnswers } from './texts/survey.ts'
import type { Language } from './texts/script.ts'

/** One question with what the customer said (nothing, when the call ended before). */
interface SurveyAnswer {
  question: SurveyQuestion
  answer: string | undefined
  spoken: string | undefined
  score: number | undefined
}

/** The survey after a call. */
export interface Survey {
  state: 'Completed' | 'Partial' | 'NotStarted'
  completionReason: string
  answers: readonly SurveyAnswer[]
  /** How many of them were put to the customer; the last of a partial survey went unanswered. */
  asked: number
}

/** What the survey depends on. */
export interface SurveyMood {
  seed: number
  index: number
  campaign: CampaignKey
  language: Language
  isResolved: boolean
  /** The customer's mood, -1 to 1. */
  mood: number
  /** Transferred calls are long already: they get the short form. */
  isTransferred: boolean
}

/** Draws a survey whose answers agree with how the call went. */
export function surveyOf(about: SurveyMood): Survey {
  const random = new Random(about.seed, 'survey', about.index)
  const form = formOf(about, random)
  const state = at(['Completed', 'Partial', 'NotStarted'] as const, random.weighted([70, 17, 13]))
  const answered =
    state === 'Completed' ? form.length : state === 'NotStarted' ? 0 : random.whole(1, Math.max(1, form.length - 1))
  return {
    state,
    completionReason: reasonOf(state, random),
    answers: form.map((question, index) =>
      index < answered
        ? answerOf(question, about, random)
        : { question, answer: undefined, spoken: undefined, score: undefined },
    ),
    asked: state === 'Partial' ? answered + 1 : answered,
  }
}

function formOf(about: SurveyMood, random: Random): readonly SurveyQuestion[] {
  if (about.campaign === 'satisfaction') return forms.installation
  if (about.isTransferred) return forms.short
  return at([forms.short, forms.standard, forms.long], random.weighted([3, 4, 3]))
}

function reasonOf(state: Survey['state'], random: Random): string {
  if (state === 'Completed') return 'AllAnswered'
  if (state === 'Partial') return random.chance(0.8) ? 'HangUp' : 'Timeout'
  return random.chance(0.6) ? 'HangUp' : 'Declined'
}

function answerOf(question: SurveyQuestion, about: SurveyMood, random: Random): SurveyAnswer {
  const { language, mood } = about
  if (question.kind === 'comment') {
    const text = random.pick(comments[mood > -0.1 ? 'good' : 'bad'][language])
    return { question, answer: text, spoken: text, score: undefined }
  }
  if (question.kind === 'yesNo') {
    const isYes = about.isResolved
    const spoken = random.pick((isYes ? yesAnswers : noAnswers)[language])
    return { question, answer: isYes ? 'Sí' : 'No', spoken, score: isYes ? 7 : 1 }
  }
  const grade = clamp(Math.round(random.normal(4.6 + mood * 2.6, 0.7)), 1, 7)
  const spoken = random.pick(gradeAnswers[language]).replace('{grade}', at(grades[language], grade - 1))
  return { question, answer: String(grade), spoken, score: grade }
}

/** The survey as a record. */
export function surveyRecord(callId: string, survey: Survey, completedAt: string): object {
  let sum = 0
  let count = 0
  for (const { score } of survey.answers) {
    if (score === undefined) continue
    sum += score
    count++
  }
  return {
    callId,
    state: survey.state,
    completionReason: survey.completionReason,
    score: count === 0 ? undefined : round(sum / count, 1),
    totalQuestions: survey.answers.length,
    responses: survey.answers.map(({ question, answer, score }) => ({
      question: question.question,
      answer: answer ?? null,
      score,
    })),
    completedAt: survey.state === 'NotStarted' ? undefined : completedAt,
  }
}
