import { useI18n } from '../i18n/i18n.tsx'
import type { Call } from './callApi.ts'
import classes from './CallPage.module.css'
import { Section } from './Section.tsx'

/** Pressed keys and markers of the call, in order. */
export function EventsSection({ call }: { call: Call }) {
  const { t, format } = useI18n()
  const keys = (call.dtmfEvents ?? []).map(({ dtmf, timestamp }) => ({
    atMs: timestamp,
    text: t('event.dtmf', { key: dtmf }),
  }))
  const marks = (call.markers ?? []).map(({ time, type, note }) => ({
    atMs: time,
    text: note === null ? type : `${type}: ${note}`,
  }))
  const events = [...keys, ...marks].toSorted((a, b) => a.atMs - b.atMs)
  if (events.length === 0) return null
  return (
    <Section title={t('section.events')}>
      <ul className={classes.entries}>
        {events.map(({ atMs, text }, place) => (
          // Two events may be equal, and their order is fixed.
          <li key={place}>
            <span className={classes.line}>
              <span>{text}</span>
              <span className="numbers soft">{format.clock(atMs / 1000)}</span>
            </span>
          </li>
        ))}
      </ul>
    </Section>
  )
}
