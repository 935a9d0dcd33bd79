import { useI18n } from '../i18n/i18n.tsx'
import { channelIcon } from '../parts/channelIcon.ts'
import { Highlight } from '../parts/Highlight.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Status } from '../parts/Status.tsx'
import type { CallItem } from './callsApi.ts'
import classes from './CallsTable.module.css'
import type { Column } from './view.ts'

/** One field of a call, formatted. */
export function Cell({ call, column, words }: { call: CallItem; column: Column; words: readonly string[] }) {
  const { t, word, format } = useI18n()
  switch (column) {
    case 'started_at':
    case 'ended_at':
      return <Moment iso={call[column]} />
    case 'caller_id':
      return call.caller_id === null ? (
        <span className="soft">{t('calls.unknownCaller')}</span>
      ) : (
        <span className="numbers">
          <Highlight text={call.caller_id} words={words} />
        </span>
      )
    case 'channel':
      return (
        <span className={classes.channel}>
          <Icon name={channelIcon(call.channel)} size={16} />
          {word('channel', call.channel)}
        </span>
      )
    case 'status':
      return <Status status={call.status} />
    case 'duration_seconds':
      return (
        <span className="numbers">{call.duration_seconds === null ? '–' : format.clock(call.duration_seconds)}</span>
      )
    case 'language':
      return call.language === null ? '–' : format.languageName(call.language)
    case 'tickets_created':
      return <span className="numbers">{call.tickets_created.map((ticket) => `#${ticket}`).join(', ') || '–'}</span>
    case 'requester_id':
      return <span className="numbers">{call.requester_id ?? '–'}</span>
    case 'authenticated':
      return t(call.authenticated ? 'calls.yes' : 'calls.no')
    case 'id':
      return <code className={classes.id}>{call.id}</code>
  }
}

function Moment({ iso }: { iso: string | null }) {
  const { format } = useI18n()
  if (iso === null) return '–'
  return (
    <time dateTime={iso} title={format.moment(iso)} className={`numbers ${classes.moment}`}>
      {format.day(iso)} <span>{format.time(iso)}</span>
    </time>
  )
}
