import { useI18n } from '../i18n/i18n.tsx'
import type { Survey } from './callApi.ts'
import classes from './CallPage.module.css'
import { Fields, Section } from './Section.tsx'

/** The survey after the call. */
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
  // A repeated question counts once, with its last answer.
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
