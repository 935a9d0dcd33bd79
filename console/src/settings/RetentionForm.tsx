import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Confirm } from '../parts/Confirm.tsx'
import { Refusal } from '../parts/Dialog.tsx'
import classes from './Settings.module.css'
import { useAccountChange, type Retention } from './settingsApi.ts'

const kinds = ['recordingsDays', 'callsDays', 'turnsDays'] as const

type Texts = Record<(typeof kinds)[number], string>

/** How many days recordings, calls and transcripts are kept. What deletes more than before is asked about first. */
export function RetentionForm({ retention }: { retention: Retention }) {
  const { t } = useI18n()
  const [texts, setTexts] = useState<Texts>(textsOf(retention))
  const [isAsking, setIsAsking] = useState(false)
  const change = useAccountChange()
  const wanted = retentionOf(texts)
  const isSame = kinds.every((kind) => wanted[kind] === retention[kind])
  const isShorter = kinds.some((kind) => (wanted[kind] ?? Infinity) < (retention[kind] ?? Infinity))
  return (
    <form
      className={classes.box}
      onSubmit={(event) => {
        event.preventDefault()
        if (isShorter) setIsAsking(true)
        else change.mutate({ retention: wanted })
      }}
    >
      <div className={classes.trio}>
        {kinds.map((kind) => (
          <TextInput
            key={kind}
            type="number"
            min={1}
            max={36_500}
            step={1}
            label={t(`settings.${kind}`)}
            rightSection={<span className={`soft ${classes.unit}`}>{t('settings.days')}</span>}
            rightSectionWidth={52}
            value={texts[kind]}
            onChange={(event) => setTexts({ ...texts, [kind]: event.currentTarget.value })}
          />
        ))}
      </div>
      <Refusal error={change.error} />
      <div className={classes.actions}>
        <Button type="submit" disabled={isSame} loading={change.isPending}>
          {t('settings.save')}
        </Button>
        <output>{change.isSuccess && isSame && t('settings.saved')}</output>
      </div>
      {isAsking && (
        <Confirm
          title={t('settings.retention')}
          action={t('settings.save')}
          isDangerous
          onConfirm={() => change.mutateAsync({ retention: wanted })}
          onClose={() => setIsAsking(false)}
        >
          <p>{t('settings.retentionSure')}</p>
        </Confirm>
      )}
    </form>
  )
}

function textsOf(retention: Retention): Texts {
  return {
    recordingsDays: textOf(retention.recordingsDays),
    callsDays: textOf(retention.callsDays),
    turnsDays: textOf(retention.turnsDays),
  }
}

function retentionOf(texts: Texts): Retention {
  return {
    recordingsDays: daysOf(texts.recordingsDays),
    callsDays: daysOf(texts.callsDays),
    turnsDays: daysOf(texts.turnsDays),
  }
}

function textOf(days: number | null): string {
  return days === null ? '' : String(days)
}

function daysOf(text: string): number | null {
  return text === '' ? null : Number(text)
}
