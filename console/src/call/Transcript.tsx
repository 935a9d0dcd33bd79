import { Button } from '@mantine/core'
import { memo, useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Highlight } from '../parts/Highlight.tsx'
import { hasHit, searchWords } from '../parts/highlight.ts'
import { Icon } from '../parts/Icon.tsx'
import type { Line } from './lines.ts'
import classes from './Transcript.module.css'
import { useNewest } from './useNewest.ts'

interface TranscriptProps {
  lines: readonly Line[]
  isSpoken: boolean
  /** The line at the player's position. */
  activeId: string | undefined
  isPlaying: boolean
  /** The call is live: the view stays at the end for a reader who is there. */
  isGoingOn: boolean
  search: string
  /** Undefined without a recording. */
  onPlay: ((seconds: number) => void) | undefined
}

/** The transcript. It follows the player until the user scrolls. */
export const Transcript = memo(function Transcript(props: TranscriptProps) {
  const { lines, isSpoken, activeId, isPlaying, isGoingOn, search, onPlay } = props
  const i18n = useI18n()
  const box = useRef<HTMLOListElement>(null)
  const [follows, setFollows] = useState(true)
  const { hasNewer, showNewest } = useNewest(box, lines.length, isGoingOn)
  const [first] = useState(() => new Set(lines.map(({ id }) => id)))
  const words = useMemo(() => searchWords(search), [search])
  const hits = useMemo(() => lines.filter((line) => hasHit(line.text, words)), [lines, words])
  const [hitPlace, setHitPlace] = useState(0)

  useEffect(() => {
    if (follows && activeId !== undefined) showLine(box, activeId)
  }, [activeId, follows])
  useEffect(() => {
    const hit = hits[hitPlace % Math.max(1, hits.length)]
    if (hit) showLine(box, hit.id)
  }, [hits, hitPlace])

  const leave = () => setFollows(false)
  return (
    <section className={classes.transcript} aria-labelledby="transcript">
      <header>
        <h2 id="transcript">{i18n.t(isSpoken ? 'call.transcript' : 'call.conversation')}</h2>
        {search !== '' && (
          <span className={classes.hits}>
            <span className="soft">{i18n.count('call.hits', hits.length, { query: search })}</span>
            {hits.length > 1 && (
              <Button variant="subtle" size="compact-sm" onClick={() => setHitPlace(hitPlace + 1)}>
                {i18n.t('call.nextHit')}
              </Button>
            )}
          </span>
        )}
        {!follows && isPlaying && (
          <Button variant="light" size="compact-sm" onClick={() => setFollows(true)}>
            {i18n.t('call.follow')}
          </Button>
        )}
      </header>
      {lines.length === 0 ? (
        <p className={`soft ${classes.nothing}`}>{i18n.t('call.noTranscript')}</p>
      ) : (
        // A scrollable region must be reachable by keyboard.
        <ol
          ref={box}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
          tabIndex={0}
          aria-labelledby="transcript"
          data-written={!isSpoken}
          onWheel={leave}
          onTouchMove={leave}
        >
          {lines.map((line, place) => (
            <TranscriptLine
              key={line.id}
              line={line}
              words={words}
              isActive={line.id === activeId}
              isFirst={lines[place - 1]?.participant !== line.participant}
              isSpoken={isSpoken}
              isNew={isGoingOn && !first.has(line.id)}
              onPlay={onPlay}
            />
          ))}
        </ol>
      )}
      {hasNewer && (
        <Button
          className={classes.newest}
          radius="xl"
          size="compact-md"
          leftSection={<Icon name="down" size={15} />}
          onClick={showNewest}
        >
          {i18n.t('call.newest')}
        </Button>
      )}
    </section>
  )
})

interface LineProps {
  line: Line
  words: readonly string[]
  isActive: boolean
  /** Whether the previous line is of another speaker. */
  isFirst: boolean
  isSpoken: boolean
  /** Whether the line came while the page was open. */
  isNew: boolean
  onPlay: ((seconds: number) => void) | undefined
}

const TranscriptLine = memo(function TranscriptLine(props: LineProps) {
  const { line, words, isActive, isFirst, isSpoken, isNew, onPlay } = props
  const { t, format } = useI18n()
  const time = isSpoken ? format.clock(line.from) : format.time(line.at)
  return (
    // The button in the line does the same by keyboard; the line is only a larger target.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <li
      data-line={line.id}
      data-speaker={line.participant}
      data-first={isFirst}
      data-new={isNew}
      data-playable={onPlay !== undefined}
      aria-current={isActive ? 'true' : undefined}
      onClick={() => {
        // Selecting text must not start the player.
        if (onPlay && (window.getSelection()?.isCollapsed ?? true)) onPlay(line.from)
      }}
    >
      <span className={classes.speaker}>{isFirst ? t(`call.${line.participant}`) : ''}</span>
      {onPlay ? (
        <button
          type="button"
          className="numbers"
          aria-label={t('call.playFrom', { time })}
          onClick={(event) => {
            event.stopPropagation()
            onPlay(line.from)
          }}
        >
          {time}
        </button>
      ) : (
        <time className="numbers" dateTime={line.at}>
          {time}
        </time>
      )}
      <p lang={line.language}>
        <Highlight text={line.text} words={words} />
      </p>
    </li>
  )
})

/** Scrolls a line to the middle of the transcript's box or of the page. */
function showLine(box: RefObject<HTMLOListElement | null>, id: string): void {
  const list = box.current
  const line = list?.querySelector<HTMLElement>(`[data-line="${CSS.escape(id)}"]`)
  if (!list || !line) return
  const isCalm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
  const behavior = isCalm ? 'instant' : 'smooth'
  if (list.scrollHeight > list.clientHeight) {
    list.scrollTo({ top: line.offsetTop - list.clientHeight / 2 + line.offsetHeight / 2, behavior })
  } else line.scrollIntoView({ block: 'nearest', behavior })
}
