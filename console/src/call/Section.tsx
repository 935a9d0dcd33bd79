import { Fragment, useId, type ReactNode } from 'react'
import classes from './CallPage.module.css'

/** A titled box beside the transcript, with its actions beside the title. */
export function Section({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <section className={classes.section} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {tools}
      </header>
      {children}
    </section>
  )
}

/** Names and values; fields without a value are omitted. */
export function Fields({ fields }: { fields: readonly (readonly [name: string, value: ReactNode])[] }) {
  const known = fields.filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (known.length === 0) return null
  return (
    <dl className={classes.fields}>
      {known.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  )
}

/** A list of words; undefined for an empty one, so that its field is omitted. */
export function wordList(words: readonly (string | number)[] | undefined): ReactNode {
  if (!words || words.length === 0) return undefined
  return (
    <span className={classes.words}>
      {[...new Set(words)].map((word) => (
        <span key={word}>{word}</span>
      ))}
    </span>
  )
}

/** A score as a number and as a bar of its maximum. */
export function Score({ score, max, text }: { score: number; max: number; text: string }) {
  return (
    <div className={classes.score}>
      <strong className="numbers">{text}</strong>
      <span className={classes.meter} aria-hidden="true">
        <span style={{ width: `${Math.max(0, Math.min(100, (score / max) * 100))}%` }} />
      </span>
    </div>
  )
}
