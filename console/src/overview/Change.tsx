import { useI18n } from '../i18n/i18n.tsx'
import { changeOf, toneOf, useFigureFormats, type FigureName } from './figures.ts'
import classes from './Overview.module.css'

interface ChangeProps {
  name: FigureName
  now: number | null
  before: number | null
  /** Whether to name the comparison: the whole previous period, or the same part of it. */
  against?: 'whole' | 'samePart'
}

/** The change of a figure against the previous period; colour shows good or bad, the arrow shows the direction. */
export function Change({ name, now, before, against }: ChangeProps) {
  const { t } = useI18n()
  const formats = useFigureFormats()
  const change = changeOf(name, now, before)
  if (change === null) return <span className={classes.change}>{against ? t('overview.noComparison') : '–'}</span>
  const arrow = change > 0 ? '↑' : '↓'
  return (
    <span className={`numbers ${classes.change}`} data-tone={toneOf(name, change)}>
      <span>
        {Math.abs(change) >= 0.0005 && <span aria-hidden="true">{arrow} </span>}
        {formats.change(name, change)}
      </span>
      {against && (
        <span className={classes.before}>
          {t(against === 'whole' ? 'overview.before' : 'overview.beforeSoFar', { value: formats.value(name, before) })}
        </span>
      )}
    </span>
  )
}
