import { useI18n } from '../i18n/i18n.tsx'
import type { Evaluation, Survey } from './callApi.ts'
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
      {score !== undefined && <Score score={score} max={bestEvaluation} text={format.decimal(score)} />}
      <Fields
        fields={[
          [t('field.category'), category],
          [t('field.reason'), [reason, subReason].filter(Boolean).join(' › ')],
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
  // A repeated question counts once, and its last answer stands.
  const answers = new Map(responses.map(({ question, answer }) => [question, answer]))
  const answered = [...answers.values()].filter(Boolean).length
  const total = Math.max(answered, totalQuestions ?? answers.size)
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
