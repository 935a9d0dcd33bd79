import { Skeleton } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { Link, useParams, useSearchParams } from 'wouter'
import { ApiError } from '../api/client.ts'
import type { LiveState } from '../api/live.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { channelIcon } from '../parts/channelIcon.ts'
import { Failure } from '../parts/Failure.tsx'
import { Icon } from '../parts/Icon.tsx'
import { LiveMark } from '../parts/LiveMark.tsx'
import { Notice } from '../parts/Notice.tsx'
import { Status } from '../parts/Status.tsx'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { useCall, useRecordingLink, useWaveform, type Call } from './callApi.ts'
import classes from './CallPage.module.css'
import { isSpoken, lengthOf, lineAt, linesOf } from './lines.ts'
import { PlayerBar } from './PlayerBar.tsx'
import { Sections } from './Sections.tsx'
import { Transcript } from './Transcript.tsx'
import { usePlayer } from './usePlayer.ts'

/** The page of one call: player, transcript and all its data. */
export function CallPage() {
  const { t } = useI18n()
  const { id } = useParams<{ id: string }>()
  const { call, live } = useCall(id)
  usePageTitle(call.data?.externalEndpoint ?? id)
  const isMissing = call.error instanceof ApiError && call.error.status === 404
  return (
    <>
      <BackLink />
      {call.data && !isMissing && <ShownCall key={call.data.id} call={call.data} live={live} />}
      {call.isPending && <WaitingCall />}
      {isMissing && (
        <Notice title={t('call.missingTitle')}>
          <p className="soft">{t('call.missingHelp')}</p>
        </Notice>
      )}
      {call.isError && !call.data && !isMissing && <Failure error={call.error} onRetry={() => void call.refetch()} />}
    </>
  )
}

/** The link back to the list, with its filters and page if the user came from it. */
function BackLink() {
  const { t } = useI18n()
  const [address] = useSearchParams()
  const search = address.get('q') ?? ''
  return (
    <Link href={search === '' ? '/calls' : `/calls?${new URLSearchParams({ q: search })}`} className={classes.back}>
      <Icon name="back" size={16} />
      {t('call.back')}
    </Link>
  )
}

function ShownCall({ call, live }: { call: Call; live: LiveState }) {
  const queries = useQueryClient()
  const [address] = useSearchParams()
  const link = useRecordingLink(call)
  const waveform = useWaveform(call)
  const player = usePlayer(link.data?.url)
  const lines = useMemo(() => linesOf(call), [call])
  const spoken = isSpoken(call)
  const length = useMemo(() => lengthOf(call, lines), [call, lines])
  const hasRecording = link.data !== undefined
  const isGoingOn = call.status === 'active'
  const isMoved = player.isPlaying || player.position > 0
  return (
    <>
      <CallHeader call={call} live={isGoingOn ? live : undefined} />
      {spoken && (lines.length > 0 || hasRecording) && (
        <PlayerBar
          player={player}
          hasRecording={hasRecording}
          onReload={() => void queries.resetQueries({ queryKey: ['recording', call.id] })}
          lines={lines}
          waveform={waveform.data}
          length={length}
        />
      )}
      <div className={classes.columns}>
        <Transcript
          lines={lines}
          isSpoken={spoken}
          activeId={spoken && isMoved ? lineAt(lines, player.position)?.id : undefined}
          isPlaying={player.isPlaying}
          isGoingOn={isGoingOn}
          search={address.get('q') ?? ''}
          onPlay={hasRecording ? player.playFrom : undefined}
        />
        <aside className={classes.aside}>
          <Sections call={call} />
        </aside>
      </div>
    </>
  )
}

function CallHeader({ call, live }: { call: Call; live: LiveState | undefined }) {
  const { t, word, format } = useI18n()
  return (
    <header className={classes.header}>
      <h1 className="numbers">{call.externalEndpoint ?? t('calls.unknownCaller')}</h1>
      <Status status={call.status} />
      {live === 'broken' && <LiveMark state={live} />}
      <span className={classes.facts}>
        <span>
          <Icon name={channelIcon(call.channel)} size={16} />
          {word('channel', call.channel)}
        </span>
        <time dateTime={call.startedAt} className="numbers">
          {format.moment(call.startedAt)}
        </time>
        {call.durationSeconds !== undefined && <span className="numbers">{format.clock(call.durationSeconds)}</span>}
      </span>
    </header>
  )
}

function WaitingCall() {
  const { t } = useI18n()
  return (
    <div aria-busy="true" aria-label={t('app.loading')}>
      <Skeleton height={26} width={220} mt={6} mb={22} radius="md" />
      <Skeleton height={84} mb={16} radius="lg" />
      <div className={classes.columns}>
        <Skeleton height={420} radius="lg" />
        <Skeleton height={420} radius="lg" />
      </div>
    </div>
  )
}
