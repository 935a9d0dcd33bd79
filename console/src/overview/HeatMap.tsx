import { memo, useState, type KeyboardEvent } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { useFigureFormats } from './figures.ts'
import classes from './HeatMap.module.css'
import type { HeatMapCell } from './overviewApi.ts'

const weekdays = [1, 2, 3, 4, 5, 6, 7]
const hours = Array.from({ length: 24 }, (_, hour) => hour)

type Place = Pick<HeatMapCell, 'weekday' | 'hour'>

/** The step of each key through the hours of the week. */
const steps: Record<string, number> = { ArrowUp: -24, ArrowDown: 24, ArrowLeft: -1, ArrowRight: 1 }

/**
 * The starts of calls by weekday and hour; darker cells have more calls. A pointer or the arrow keys show the number.
 * Memoised, because it has many cells and does not depend on the chosen figure.
 */
export const HeatMap = memo(function HeatMap({ cells }: { cells: readonly HeatMapCell[] }) {
  const { t, count } = useI18n()
  const formats = useFigureFormats()
  const [place, setPlace] = useState<Place>()
  const calls = new Map(cells.map((cell) => [`${cell.weekday} ${cell.hour}`, cell.calls]))
  const callsAt = ({ weekday, hour }: Place) => calls.get(`${weekday} ${hour}`) ?? 0
  const max = Math.max(1, ...cells.map((cell) => cell.calls))
  const busiest = cells.find((cell) => cell.calls === max)
  const describe = (at: Place) =>
    t('overview.heatCell', {
      day: formats.weekday(at.weekday, 'long'),
      from: hourText(at.hour),
      to: hourText(at.hour + 1),
      calls: count('calls.count', callsAt(at)),
    })
  return (
    <>
      <p className={`soft ${classes.readout}`}>
        {place ? describe(place) : busiest && t('overview.busiest', { when: describe(busiest) })}
      </p>
      <section
        className={classes.scroll}
        aria-label={t('overview.heatTable')}
        onPointerLeave={() => setPlace(undefined)}
      >
        <Steps label={t('overview.heatMap')} place={place} setPlace={setPlace} describe={describe} />
        <table className={classes.map}>
          <thead>
            <tr>
              <th scope="col">
                <span className={classes.hidden}>{t('overview.weekday')}</span>
              </th>
              {hours.map((hour) => (
                <th key={hour} scope="col">
                  <span className={hour % 3 === 0 ? undefined : classes.hidden}>{hour}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weekdays.map((weekday) => (
              <tr key={weekday}>
                <th scope="row">{formats.weekday(weekday, 'short')}</th>
                {hours.map((hour) => (
                  <td
                    key={hour}
                    data-here={place?.weekday === weekday && place.hour === hour}
                    style={{ '--heat': `${heatOf(callsAt({ weekday, hour }), max)}%` }}
                    onPointerEnter={() => setPlace({ weekday, hour })}
                  >
                    <span className={classes.hidden}>{callsAt({ weekday, hour })}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
})

interface StepsProps {
  label: string
  place: Place | undefined
  setPlace: (place: Place | undefined) => void
  describe: (place: Place) => string
}

/** An invisible slider through the hours of the week, for keyboards and screen readers. */
function Steps({ label, place, setPlace, describe }: StepsProps) {
  const at = place ? (place.weekday - 1) * 24 + place.hour : 0
  return (
    <input
      type="range"
      className={classes.hidden}
      min={0}
      max={7 * 24 - 1}
      value={at}
      aria-label={label}
      aria-valuetext={describe(placeOf(at))}
      onChange={(event) => setPlace(placeOf(Number(event.currentTarget.value)))}
      onKeyDown={(event: KeyboardEvent) => {
        const step = steps[event.key]
        if (step === undefined) return
        event.preventDefault()
        setPlace(placeOf(Math.max(0, Math.min(7 * 24 - 1, at + step))))
      }}
      onFocus={() => setPlace(placeOf(at))}
      onBlur={() => setPlace(undefined)}
    />
  )
}

function placeOf(step: number): Place {
  return { weekday: Math.floor(step / 24) + 1, hour: step % 24 }
}

declare module 'react' {
  interface CSSProperties {
    /** The share of the accent colour in a cell. */
    '--heat'?: string
  }
}

/** A cell without calls is white, and a cell with one call is visibly different. */
function heatOf(calls: number, max: number): number {
  return calls === 0 ? 0 : Math.round(10 + (calls / max) * 90)
}

function hourText(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`
}
