import { Button } from '@mantine/core'
import { useState } from 'react'
import { useSession } from '../api/session.tsx'
import { useI18n, type I18n } from '../i18n/i18n.tsx'
import { mayReview, type Review } from './callApi.ts'
import classes from './CallPage.module.css'
import { ReviewForm } from './ReviewForm.tsx'
import { Section } from './Section.tsx'

/** The reviews of the call, and the form for a new one. */
export function ReviewsSection({ callId, reviews }: { callId: string; reviews: readonly Review[] }) {
  const { t } = useI18n()
  const canAdd = mayReview(useSession())
  const [isNew, setIsNew] = useState(false)
  if (reviews.length === 0 && !canAdd) return null
  return (
    <Section
      title={t('section.reviews')}
      tools={
        canAdd && (
          <Button variant="default" size="compact-md" onClick={() => setIsNew(true)}>
            {t('review.add')}
          </Button>
        )
      }
    >
      {reviews.length === 0 && <p className="soft">{t('review.none')}</p>}
      {reviews.length > 0 && (
        <ul className={classes.entries}>
          {reviews.map((review) => (
            <ReviewEntry key={review.id} review={review} />
          ))}
        </ul>
      )}
      {isNew && <ReviewForm callId={callId} onClose={() => setIsNew(false)} />}
    </Section>
  )
}

function ReviewEntry({ review }: { review: Review }) {
  const i18n = useI18n()
  const { questionName, answerName, answerReason, comment, reviewerName, reviewedAt } = review
  return (
    <li>
      <span className={classes.line}>
        <strong>{questionName}</strong>
        <span className="numbers">{scoreText(review, i18n)}</span>
      </span>
      <span>{[answerName, answerReason].filter(Boolean).join(' · ')}</span>
      {comment !== undefined && <span>{comment}</span>}
      <span className="soft">
        {[reviewerName, reviewedAt && i18n.format.day(reviewedAt)].filter(Boolean).join(' · ')}
      </span>
    </li>
  )
}

/** The maximum belongs to the answer; the review's own score may be on another scale. */
function scoreText({ score, answerScore, bestScore }: Review, { t, format }: I18n): string {
  if (answerScore !== undefined && bestScore !== undefined) {
    return t('field.outOf', { score: format.decimal(answerScore), most: format.decimal(bestScore) })
  }
  const shown = score ?? answerScore
  return shown === undefined ? '' : format.decimal(shown)
}
