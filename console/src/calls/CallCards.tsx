import { Skeleton } from '@mantine/core'
import { Link } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Highlight } from '../parts/Highlight.tsx'
import type { CallItem } from './callsApi.ts'
import { Cell } from './Cell.tsx'
import { callAddress, excerptOf } from './callAddress.ts'
import classes from './CallCards.module.css'
import type { CallListProps } from './CallsTable.tsx'

const waitingCards = 8

/** The calls as cards, for narrow screens. */
export function CallCards({ calls, arrived, hits, words, view }: CallListProps) {
  return (
    <ul className={classes.cards}>
      {calls
        ? calls.map((call) => (
            <Card
              key={call.id}
              call={call}
              isNew={arrived.has(call.id)}
              hit={hits.get(call.id)}
              words={words}
              search={view.search}
            />
          ))
        : Array.from({ length: waitingCards }, (_, card) => (
            <li key={card} className={classes.card}>
              <Skeleton height={12} width={140} radius="xl" />
              <Skeleton height={10} width={200} radius="xl" mt={12} />
            </li>
          ))}
    </ul>
  )
}

interface CardProps {
  call: CallItem
  isNew: boolean
  hit: string | undefined
  words: readonly string[]
  search: string
}

function Card({ call, isNew, hit, words, search }: CardProps) {
  const { t, format } = useI18n()
  return (
    <li className={classes.card} data-new={isNew}>
      <Link
        href={callAddress(call.id, search)}
        className={classes.link}
        aria-label={t('calls.open', { time: format.moment(call.started_at) })}
      />
      <div className={classes.line}>
        <strong>
          <Cell call={call} column="caller_id" words={words} />
        </strong>
        <Cell call={call} column="duration_seconds" words={words} />
      </div>
      <div className={`${classes.line} soft`}>
        <Cell call={call} column="started_at" words={words} />
        <Cell call={call} column="status" words={words} />
      </div>
      {hit !== undefined && (
        <p className="soft">
          <Highlight text={excerptOf(hit, words)} words={words} />
        </p>
      )}
    </li>
  )
}
