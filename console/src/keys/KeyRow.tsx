import { Button, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Confirm } from '../parts/Confirm.tsx'
import page from '../parts/Page.module.css'
import { State, type Tone } from '../parts/Page.tsx'
import { useKeyActions, type Key, type KeyState, type NewKey } from './keysApi.ts'

const tones: Record<KeyState, Tone> = { active: 'good', replaced: 'warning', expired: 'off', revoked: 'off' }

/** A key with its scopes, last use and actions. */
export function KeyRow({ apiKey, state, onSecrets }: KeyRowProps) {
  const { t } = useI18n()
  const { subject } = useSession()
  const [question, setQuestion] = useState<'rotate' | 'revoke'>()
  const { name } = apiKey
  const isOwn = subject.kind === 'key' && subject.id === apiKey.id
  return (
    <li className={page.row}>
      <div className={page.main}>
        <div className={page.title}>
          <strong>{name}</strong>
          <code className="soft">{apiKey.prefix}…</code>
          {isOwn && <span className={page.word}>{t('keys.own')}</span>}
        </div>
        <KeyTimes apiKey={apiKey} state={state} />
        <div className={page.words}>
          {apiKey.scopes.map((scope) => (
            <span key={scope} className={page.word} title={t(`scope.${scope}`)}>
              {scope === '*' ? t('scope.*') : scope}
            </span>
          ))}
        </div>
      </div>
      <State tone={tones[state]}>{t(`keys.${state}`)}</State>
      <div className={page.actions}>
        {state === 'active' && (
          <Button
            variant="default"
            size="compact-md"
            aria-label={t('keys.rotateOf', { name })}
            onClick={() => setQuestion('rotate')}
          >
            {t('keys.rotate')}
          </Button>
        )}
        {(state === 'active' || state === 'replaced') && (
          <Button
            variant="default"
            size="compact-md"
            aria-label={t('keys.revokeOf', { name })}
            onClick={() => setQuestion('revoke')}
          >
            {t('keys.revoke')}
          </Button>
        )}
      </div>
      {question === 'rotate' && (
        <RotateQuestion apiKey={apiKey} onSecrets={onSecrets} onClose={() => setQuestion(undefined)} />
      )}
      {question === 'revoke' && <RevokeQuestion apiKey={apiKey} isOwn={isOwn} onClose={() => setQuestion(undefined)} />}
    </li>
  )
}

interface KeyRowProps {
  apiKey: Key
  state: KeyState
  onSecrets: (secrets: NewKey) => void
}

function KeyTimes({ apiKey, state }: { apiKey: Key; state: KeyState }) {
  const { t, format } = useI18n()
  const { createdAt, lastUsedAt, expiresAt, revokedAt } = apiKey
  return (
    <div className={`${page.facts} numbers`}>
      <span>{t('keys.created', { time: format.dayAndTime(createdAt) })}</span>
      <span>{lastUsedAt === null ? t('keys.neverUsed') : t('keys.used', { time: format.dayAndTime(lastUsedAt) })}</span>
      {revokedAt !== null && <span>{t('keys.revokedAt', { time: format.dayAndTime(revokedAt) })}</span>}
      {revokedAt === null && (
        <span>
          {expiresAt === null
            ? t('keys.neverExpires')
            : t(state === 'expired' ? 'keys.expiredAt' : 'keys.expires', { time: format.dayAndTime(expiresAt) })}
        </span>
      )}
    </div>
  )
}

interface QuestionProps {
  apiKey: Key
  onClose: () => void
}

/** The overlap in seconds, during which the old key works. */
const overlaps = { overlapDay: 86_400, overlapHour: 3600, overlapWeek: 604_800, overlapNone: 0 }

function RotateQuestion({ apiKey, onSecrets, onClose }: QuestionProps & Pick<KeyRowProps, 'onSecrets'>) {
  const { t } = useI18n()
  const { rotate } = useKeyActions()
  const [seconds, setSeconds] = useState(overlaps.overlapDay)
  return (
    <Confirm
      title={t('keys.rotateTitle', { name: apiKey.name })}
      action={t('keys.rotate')}
      onConfirm={async () => onSecrets(await rotate(apiKey.id, seconds))}
      onClose={onClose}
    >
      <p>{t('keys.rotateHelp')}</p>
      <NativeSelect
        label={t('keys.overlap')}
        value={String(seconds)}
        data={[
          { value: String(overlaps.overlapDay), label: t('keys.overlapDay') },
          { value: String(overlaps.overlapHour), label: t('keys.overlapHour') },
          { value: String(overlaps.overlapWeek), label: t('keys.overlapWeek') },
          { value: String(overlaps.overlapNone), label: t('keys.overlapNone') },
        ]}
        onChange={(event) => setSeconds(Number(event.currentTarget.value))}
      />
    </Confirm>
  )
}

function RevokeQuestion({ apiKey, isOwn, onClose }: QuestionProps & { isOwn: boolean }) {
  const { t } = useI18n()
  const { revoke } = useKeyActions()
  return (
    <Confirm
      title={t('keys.revokeTitle', { name: apiKey.name })}
      action={t('keys.revoke')}
      isDangerous
      onConfirm={() => revoke(apiKey.id)}
      onClose={onClose}
    >
      <p>{t('keys.revokeHelp')}</p>
      {isOwn && <p>{t('keys.revokeOwn')}</p>}
    </Confirm>
  )
}
