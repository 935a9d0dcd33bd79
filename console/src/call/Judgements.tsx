import { useI18n } from '../i18n/i18n.tsx'
import type { Evaluation, Review, Survey } from './callApi.ts'
import classes from './CallPage.module.css'
import { Fields, Score, Section } from './Section.tsx'

const bestEvaluation = 10

/** How the call was judged by the machine. */
export function EvaluationSection({ evaluation }: { evaluation: Evaluation | null }) {
  const { t, word, format } = useI18n()
  const status = evaluation?.status ?? 'notEvaluated'
  if (evaluation === null || status !== 'evaluated') {
    return (
      <Section title={t('section.evaluation')}>
        <p className="soft">{word('evaluation', status)}</p>
      </Section>
    )
  }
  const { score, category, reason, subReason, confidence, sentiment, reviewStatus, reviewNotes } = evaluation
  return (
    <Section title={t('section.evaluation')}>
      {score !== undefined && <Score score={score} most={bestEvaluation} text={format.decimal(score)} />}
      <Fields
        fields={[
          [t('field.category'), category],
          [t('field.reason'), [reason, subReason].filter(Boolean).join(' → ')],
          [t('field.sentiment'), sentiment && word('sentiment', sentiment)],
          [t('field.confidence'), confidence === undefined ? undefined : `${format.decimal(confidence)} %`],
          [t('field.reviewStatus'), reviewStatus],
          [t('field.reviewNotes'), reviewNotes],
        ]}
      />
    </Section>
  )
}

/** What the caller answered after the call. */
export function SurveySection({ survey }: { survey: Survey | null }) {
  const { t, word, format } = useI18n()
  if (survey === null) {
    return (
      <Section title={t('section.survey')}>
        <p className="soft">{t('survey.none')}</p>
      </Section>
    )
  }
  const { state, score, totalQuestions, responses = [] } = survey
  const answered = responses.filter(({ answer }) => answer !== null).length
  const total = totalQuestions ?? responses.length
  return (
    <Section title={t('section.survey')}>
      <Fields
        fields={[
          [t('field.completion'), state && word('survey', state)],
          [t('field.score'), score === undefined ? undefined : format.decimal(score)],
          [t('field.answered'), total > 0 ? t('field.answeredOf', { answered, total }) : undefined],
        ]}
      />
      <ul className={classes.entries}>
        {responses.map(({ question, answer }) => (
          <li key={question}>
            <span className="soft">{question}</span>
            <span>{answer ?? t('field.noAnswer')}</span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** What people found when they listened. */
export function ReviewsSection({ reviews }: { reviews: readonly Review[] }) {
  const { t, format } = useI18n()
  if (reviews.length === 0) return null
  return (
    <Section title={t('section.reviews')}>
      <ul className={classes.entries}>
        {reviews.map((review) => (
          <li key={review.id}>
            <span className={classes.line}>
              <strong>{review.questionName}</strong>
              <span className="numbers">{scoreText(review, t, format.decimal)}</span>
            </span>
            <span>{[review.answerName, review.answerReason].filter(Boolean).join(' · ')}</span>
            {review.comment !== undefined && <span>{review.comment}</span>}
            <span className="soft">
              {[review.reviewerName, review.reviewedAt && format.day(review.reviewedAt)].filter(Boolean).join(' · ')}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function scoreText(
  { score, bestScore }: Review,
  t: ReturnType<typeof useI18n>['t'],
  decimal: (value: number) => string,
): string {
  if (score === undefined) return ''
  return bestScore === undefined
    ? decimal(score)
    : t('field.outOf', { score: decimal(score), most: decimal(bestScore) })
}
