import { useI18n } from '../i18n/i18n.tsx'
import { useFigureFormats } from './figures.ts'
import classes from './Sentiment.module.css'
import type { Summary } from './overviewApi.ts'

const sentiments = ['positive', 'neutral', 'negative'] as const

/** The sentiment of the completed evaluations, as a bar and in numbers. */
export function Sentiment({ summary }: { summary: Summary }) {
  const { t, format } = useI18n()
  const formats = useFigureFormats()
  const shareOf = (values: Pick<Summary, 'sentimentBreakdown'>, name: (typeof sentiments)[number]) => {
    const all = sentiments.reduce((sum, each) => sum + values.sentimentBreakdown[each], 0)
    return all === 0 ? null : values.sentimentBreakdown[name] / all
  }
  if (shareOf(summary, 'positive') === null) return <p className="soft">{t('overview.noSentiment')}</p>
  return (
    <>
      <div className={classes.bar} aria-hidden="true">
        {sentiments.map((name) => (
          <span key={name} data-sentiment={name} style={{ flexGrow: summary.sentimentBreakdown[name] }} />
        ))}
      </div>
      <dl className={classes.list}>
        {sentiments.map((name) => {
          const [now, before] = [shareOf(summary, name) ?? 0, shareOf(summary.previous, name)]
          return (
            <div key={name}>
              <dt>
                <span className={classes.dot} data-sentiment={name} aria-hidden="true" />
                {t(`sentiment.${name}`)}
              </dt>
              <dd className="numbers">
                <strong>{formats.percent(now)}</strong>
                <span className="soft">{format.integer(summary.sentimentBreakdown[name])}</span>
                <span className={`soft ${classes.moved}`}>
                  {before === null ? '–' : formats.change('resolutionRate', now - before)}
                </span>
              </dd>
            </div>
          )
        })}
      </dl>
      <p className={`soft ${classes.note}`}>
        {t('overview.ofEvaluations', { count: format.integer(summary.completedEvaluations) })}
      </p>
    </>
  )
}
