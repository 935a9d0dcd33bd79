import { useI18n } from '../i18n/i18n.tsx'
import type { Evaluation } from './callApi.ts'
import { Fields, Score, Section } from './Section.tsx'

const bestEvaluation = 10

/** The automatic evaluation of the call. */
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
