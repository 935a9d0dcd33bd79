import { memo, useId, useMemo } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import type { Waveform } from './callApi.ts'
import type { Line } from './lines.ts'
import classes from './Player.module.css'
import { barsOf, type Bar } from './bars.ts'

export interface StripProps {
  lines: readonly Line[]
  waveform: Waveform | null | undefined
  /** In seconds. */
  length: number
  position: number
  onSeek: (seconds: number) => void
}

const width = 1000
const height = 56

/** The speakers over time, with their loudness if known. A slider over the strip handles clicks and arrow keys. */
export function Strip({ lines, waveform, length, position, onSeek }: StripProps) {
  const { t, format } = useI18n()
  const clip = useId()
  const bars = useMemo(() => barsOf(lines, waveform ?? undefined, length), [lines, waveform, length])
  const played = Math.min(1, position / length) * width
  return (
    <div className={classes.strip}>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <clipPath id={clip}>
          <rect width={played} height={height} />
        </clipPath>
        <g className={classes.ahead}>
          <Bars bars={bars} />
        </g>
        <g clipPath={`url(#${clip})`}>
          <Bars bars={bars} />
        </g>
        <rect className={classes.cursor} x={Math.min(width - 2, played)} width={2} height={height} />
      </svg>
      <input
        type="range"
        min={0}
        max={Math.ceil(length)}
        step={0.1}
        value={Math.min(position, length)}
        aria-label={t('player.position')}
        aria-valuetext={format.clock(position)}
        onChange={(event) => onSeek(Number(event.currentTarget.value))}
      />
    </div>
  )
}

/** The bars, which render only when they change. */
const Bars = memo(function Bars({ bars }: { bars: readonly Bar[] }) {
  const step = width / Math.max(1, bars.length)
  return bars.map(({ speaker, loudness }, place) => {
    const tall = Math.max(2, loudness * (height - 4))
    return (
      <rect
        // The position of a bar is fixed.
        key={place}
        data-speaker={speaker}
        x={place * step + step * 0.14}
        y={(height - tall) / 2}
        width={step * 0.72}
        height={tall}
        rx={1.2}
      />
    )
  })
})
