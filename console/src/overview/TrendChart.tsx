import { useState, type PointerEvent } from 'react'
import { useIsNarrow } from '../calls/useIsNarrow.ts'
import { useI18n } from '../i18n/i18n.tsx'
import { areaOf, lineOf, namedPlaces, placeOf, ticksOf } from './chartShape.ts'
import classes from './TrendChart.module.css'

/** A point of the chart. */
export interface TrendPoint {
  name: string
  /** The short form, for the axis. */
  tick: string
  isPartial: boolean
  value: number | null
  before: { name: string; value: number | null } | null
}

interface ChartProps {
  kind: 'count' | 'seconds' | 'points' | 'share'
  label: string
  points: readonly TrendPoint[]
  write: (value: number | null) => string
}

/** Two lines over time. A pointer or the arrow keys show the values of a point. */
export function TrendChart({ kind, label, points, write }: ChartProps) {
  const isNarrow = useIsNarrow()
  const [at, setAt] = useState<number>()
  const now = points.map(({ value }) => value)
  const before = points.map((point) => point.before?.value ?? null)
  const ticks = ticksOf(kind, [...now, ...before])
  const max = ticks.at(-1) ?? 1
  const follow = (event: PointerEvent<HTMLElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const place = Math.round(((event.clientX - left) / width) * (points.length - 1))
    setAt(Math.max(0, Math.min(points.length - 1, place)))
  }
  const point = at === undefined ? undefined : points[at]
  return (
    <div className={classes.chart}>
      <div className={classes.scale} aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick} className="numbers" style={{ bottom: `${(tick / max) * 100}%` }}>
            {write(tick)}
          </span>
        ))}
      </div>
      <div
        className={classes.plot}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={() => setAt(undefined)}
      >
        <Lines now={now} before={before} isOpen={points.at(-1)?.isPartial ?? false} ticks={ticks} max={max} />
        {at !== undefined && <Marks at={at} count={points.length} values={[now[at], before[at]]} max={max} />}
        {point && at !== undefined && <Readout point={point} place={placeOf(at, points.length)} write={write} />}
        <Steps label={label} points={points} at={at} setAt={setAt} write={write} />
      </div>
      <div className={classes.names} aria-hidden="true">
        {namedPlaces(points.length, isNarrow ? 4 : 8).map((index) => (
          <span key={index} style={{ left: `${placeOf(index, points.length)}%` }}>
            {points[index]?.tick}
          </span>
        ))}
      </div>
    </div>
  )
}

interface LinesProps {
  now: readonly (number | null)[]
  before: readonly (number | null)[]
  /** Whether the last point is not over yet; its line is dotted. */
  isOpen: boolean
  ticks: readonly number[]
  max: number
}

function Lines({ now, before, isOpen, ticks, max }: LinesProps) {
  const last = now.length - 1
  const settled = now.map((value, index) => (isOpen && index === last ? null : value))
  const open = now.map((value, index) => (isOpen && index >= last - 1 ? value : null))
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {ticks.map((tick) => {
        const y = 100 - (tick / max) * 100
        return <path key={tick} className={classes.rule} d={`M0 ${y}H100`} />
      })}
      <path className={classes.area} d={areaOf(now, max)} />
      <path className={classes.before} d={lineOf(before, max)} />
      <path className={classes.now} d={lineOf(settled, max)} />
      <path className={`${classes.now} ${classes.open}`} d={lineOf(open, max)} />
    </svg>
  )
}

function Marks({
  at,
  count,
  values,
  max,
}: {
  at: number
  count: number
  values: (number | null | undefined)[]
  max: number
}) {
  const left = `${placeOf(at, count)}%`
  return (
    <span aria-hidden="true">
      <span className={classes.cursor} style={{ left }} />
      {values.map(
        (value, index) =>
          value !== null &&
          value !== undefined && (
            <span
              // This period always comes first.
              key={index}
              className={classes.mark}
              data-line={index === 0 ? 'now' : 'before'}
              style={{ left, bottom: `${(value / max) * 100}%` }}
            />
          ),
      )}
    </span>
  )
}

function Readout({ point, place, write }: { point: TrendPoint; place: number; write: ChartProps['write'] }) {
  const { t } = useI18n()
  return (
    <dl
      className={classes.readout}
      data-side={place > 50 ? 'left' : 'right'}
      style={{ left: `${place}%` }}
      aria-hidden="true"
    >
      <div data-line="now">
        <dt>
          {point.name}
          {point.isPartial && ` · ${t('overview.partial')}`}
        </dt>
        <dd className="numbers">{write(point.value)}</dd>
      </div>
      {point.before && (
        <div data-line="before">
          <dt>{point.before.name}</dt>
          <dd className="numbers">{write(point.before.value)}</dd>
        </div>
      )}
    </dl>
  )
}

interface StepsProps extends Omit<ChartProps, 'kind'> {
  at: number | undefined
  setAt: (at: number | undefined) => void
}

/** An invisible slider over the chart, for keyboards and screen readers. */
function Steps({ label, points, at, setAt, write }: StepsProps) {
  const { t } = useI18n()
  const place = at ?? points.length - 1
  const point = points[place]
  const text = point
    ? t('overview.pointText', {
        name: point.name,
        value: write(point.value),
        before: write(point.before?.value ?? null),
      })
    : ''
  return (
    <input
      type="range"
      min={0}
      max={Math.max(0, points.length - 1)}
      value={place}
      aria-label={label}
      aria-valuetext={text}
      onChange={(event) => setAt(Number(event.currentTarget.value))}
      onFocus={() => setAt(place)}
      onBlur={() => setAt(undefined)}
    />
  )
}
