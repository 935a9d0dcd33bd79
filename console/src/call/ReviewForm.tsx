import { Button, TextInput, Textarea } from '@mantine/core'
import { useState, type SubmitEvent } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Actions, Dialog, Refusal } from '../parts/Dialog.tsx'
import dialog from '../parts/Dialog.module.css'
import page from '../parts/Page.module.css'
import { scoreRange, useNewReview } from './callApi.ts'

/** The form for a review, which is stored in the name of the signed-in user. */
export function ReviewForm({ callId, onClose }: { callId: string; onClose: () => void }) {
  const { t } = useI18n()
  const adding = useNewReview(callId)
  const [isTooLittle, setIsTooLittle] = useState(false)
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const answer = textOf(given, 'answer')
    const score = textOf(given, 'score')
    const comment = textOf(given, 'comment')
    const saysNothing = answer === '' && score === '' && comment === ''
    setIsTooLittle(saysNothing)
    if (saysNothing) return
    const review = {
      question: textOf(given, 'question'),
      ...(answer === '' ? {} : { answer }),
      ...(score === '' ? {} : { score: Number(score) }),
      ...(comment === '' ? {} : { comment }),
    }
    adding.mutate(review, { onSuccess: onClose })
  }
  return (
    <Dialog title={t('review.add')} onClose={onClose}>
      <form className={page.form} onSubmit={submit}>
        <TextInput
          name="question"
          label={t('review.question')}
          description={t('review.questionHelp')}
          required
          withAsterisk={false}
          pattern=".*\S.*"
          maxLength={500}
          autoComplete="off"
        />
        <TextInput name="answer" label={t('review.answer')} maxLength={500} autoComplete="off" />
        <TextInput
          name="score"
          type="number"
          label={t('review.score')}
          description={t('review.scoreHelp', scoreRange)}
          min={scoreRange.worst}
          max={scoreRange.best}
          step="any"
        />
        <Textarea name="comment" label={t('review.comment')} rows={4} maxLength={5000} />
        {isTooLittle ? (
          <p role="alert" className={dialog.refusal}>
            {t('review.needsMore')}
          </p>
        ) : (
          <Refusal error={adding.error} />
        )}
        <Actions>
          <Button variant="default" onClick={onClose}>
            {t('parts.back')}
          </Button>
          <Button type="submit" loading={adding.isPending}>
            {t('review.submit')}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

/** The text of a field without surrounding spaces. */
function textOf(given: FormData, name: string): string {
  const value = given.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
