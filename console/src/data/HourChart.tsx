import { useI18n } from '../i18n/i18n.tsx'
import classes from './Data.module.css'
import type { Hour } from './hours.ts'

const width = 500
const height = 120
const gap = 3
const hourMs = 3_600_000

/** A bar an hour. */
export function HourChart({ hours }: { hours: readonly Hour[] }) {
  const { t, format } = useI18n()
  const max = Math.max(1, ...hours.map(({ records }) => records))
  const step = width / hours.length
  const timeOf = (ms: number) => format.time(new Date(ms).toISOString())
  const textOf = ({ startsAt, records }: Hour) =>
    t('ingestion.hour', { from: timeOf(startsAt), to: timeOf(startsAt + hourMs), count: format.integer(records) })
  const spoken = hours.filter(({ records }) => records > 0).map(textOf)
  return (
    <figure style={{ margin: 0 }}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${width} ${height + 1}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t('ingestion.byHour')}: ${spoken.join('; ')}`}
      >
        {hours.map((hour, place) => {
          // A small value stays visible.
          const size = hour.records === 0 ? 0 : Math.max(2, (hour.records / max) * height)
          const left = place * step
          return (
            <g key={hour.startsAt}>
              <title>{textOf(hour)}</title>
              <rect className={classes.place} x={left} y={0} width={step} height={height} />
              <rect x={left + gap / 2} y={height - size} width={step - gap} height={size} rx={1.5} />
            </g>
          )
        })}
        <line x1={0} x2={width} y1={height + 0.5} y2={height + 0.5} />
      </svg>
      <figcaption className={`${classes.ends} numbers`}>
        {[hours[0], hours[Math.floor(hours.length / 2)], hours.at(-1)].map(
          (hour) => hour && <span key={hour.startsAt}>{timeOf(hour.startsAt)}</span>,
        )}
      </figcaption>
    </figure>
  )
}
