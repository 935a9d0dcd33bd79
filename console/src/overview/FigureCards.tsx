import { Skeleton } from '@mantine/core'
import { Link } from 'wouter'
import { allows, useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Change } from './Change.tsx'
import { figureNamed, figureNames, useFigureFormats, valueOf, type FigureName } from './figures.ts'
import classes from './FigureCards.module.css'
import { isRunning, type Summary } from './overviewApi.ts'
import { callsAddress, type OverviewView } from './view.ts'

interface CardsProps {
  view: OverviewView
  summary: Summary | undefined
  /** Whether the summary still belongs to another view. */
  isBusy: boolean
  onChoose: (figure: FigureName) => void
}

/** The figures of the period; the chosen one appears in the trend and the breakdown. */
export function FigureCards({ view, summary, isBusy, onChoose }: CardsProps) {
  const { t } = useI18n()
  return (
    <ul className={classes.cards} aria-label={t('overview.figures')} aria-busy={isBusy || undefined}>
      {figureNames.map((name) => (
        <Card
          key={name}
          name={name}
          view={view}
          summary={summary}
          isChosen={view.figure === name}
          onChoose={() => onChoose(name)}
        />
      ))}
    </ul>
  )
}

interface CardProps {
  name: FigureName
  view: OverviewView
  summary: Summary | undefined
  isChosen: boolean
  onChoose: () => void
}

function Card({ name, view, summary, isChosen, onChoose }: CardProps) {
  const { t } = useI18n()
  const formats = useFigureFormats()
  const session = useSession()
  const { status } = figureNamed(name)
  const countsCalls = name === 'totalCalls' || status !== undefined
  const address = countsCalls && allows(session, 'calls:read') ? callsAddress(view, { status }) : undefined
  return (
    <li className={classes.card} data-chosen={isChosen}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <span className={classes.cardName}>{t(`figure.${name}`)}</span>
        {summary ? (
          <strong className="numbers">{formats.value(name, valueOf(summary, name))}</strong>
        ) : (
          <Skeleton height={30} width={84} my={3} />
        )}
        {summary && (
          <Change
            name={name}
            now={valueOf(summary, name)}
            before={valueOf(summary.previous, name)}
            against={isRunning(summary) ? 'samePart' : 'whole'}
          />
        )}
      </button>
      {address !== undefined && (
        <Link
          href={address}
          className={classes.cardLink}
          aria-label={t('overview.showCallsOf', { name: t(`figure.${name}`) })}
        >
          {t('overview.showCalls')}
        </Link>
      )}
    </li>
  )
}
