import { useMemo } from 'react'
import { useI18n } from '../i18n/i18n.tsx'

interface Figure {
  kind: 'count' | 'seconds' | 'points' | 'share'
  /** The good direction, for the colour of a change; the sign shows the direction too. */
  better: 'more' | 'less' | 'neither'
  /** The status of the counted calls. */
  status?: string
}

/** The figures of the overview, by the names of the analytics API. */
export const figures = {
  totalCalls: { kind: 'count', better: 'neither' },
  averageDurationSeconds: { kind: 'seconds', better: 'neither' },
  averageScore: { kind: 'points', better: 'more' },
  resolutionRate: { kind: 'share', better: 'more' },
  escalationRate: { kind: 'share', better: 'less', status: 'escalated' },
  abandonmentRate: { kind: 'share', better: 'less', status: 'abandoned' },
} satisfies Record<string, Figure>

export type FigureName = keyof typeof figures

export const figureNames = Object.keys(figures).filter(isFigure)

export function isFigure(text: string): text is FigureName {
  return text in figures
}

/** The figure of a name, with its optional properties. */
export function figureNamed(name: FigureName): Figure {
  return figures[name]
}

/** The figures of a period, bucket or part in the analytics API. */
export interface FigureValues {
  totalCalls?: number
  averageScore: number | null
  averageDurationSeconds: number | null
  escalationRate?: number | null
  resolutionRate?: number | null
  completedEvaluations: number
  sentimentBreakdown: { positive: number; neutral: number; negative: number }
  metrics?: Record<string, number | null>
}

/** A figure of an answer; null without a value. */
export function valueOf(values: FigureValues, name: FigureName): number | null {
  const told = name === 'abandonmentRate' ? undefined : values[name]
  return told ?? values.metrics?.[name] ?? null
}

/** The change of a figure: in points for a share, else relative to the previous value. */
export function changeOf(name: FigureName, now: number | null, before: number | null): number | null {
  if (now === null || before === null) return null
  if (figures[name].kind === 'share') return now - before
  return before === 0 ? null : (now - before) / before
}

/** Whether a change is good, bad or neutral. */
export function toneOf(name: FigureName, change: number): 'good' | 'bad' | 'none' {
  const { better } = figures[name]
  if (better === 'neither' || Math.abs(change) < 0.0005) return 'none'
  return change > 0 === (better === 'more') ? 'good' : 'bad'
}

interface FigureFormats {
  /** A formatted value; a dash without one. */
  value: (name: FigureName, value: number | null) => string
  change: (name: FigureName, change: number) => string
  percent: (share: number) => string
  /** A local day such as `2026-05-03`. */
  day: (date: string) => string
  dayAndWeekday: (date: string) => string
  month: (date: string) => string
  /** From 1, Monday. */
  weekday: (weekday: number, style: 'short' | 'long') => string
}

/** Formats figures, changes and local days in the chosen language. */
export function useFigureFormats(): FigureFormats {
  const { language, format, t } = useI18n()
  return useMemo(() => {
    const percent = new Intl.NumberFormat(language, {
      style: 'percent',
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
    })
    const points = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
    const signed = new Intl.NumberFormat(language, { signDisplay: 'exceptZero', maximumFractionDigits: 1 })
    const signedPercent = new Intl.NumberFormat(language, {
      style: 'percent',
      signDisplay: 'exceptZero',
      maximumFractionDigits: 1,
    })
    // Local days have no time zone, so they are formatted in UTC.
    const dates = (options: Intl.DateTimeFormatOptions) => {
      const writer = new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options })
      return (date: string) => writer.format(new Date(`${date}T00:00:00Z`))
    }
    const weekdays = { short: dates({ weekday: 'short' }), long: dates({ weekday: 'long' }) }
    return {
      value(name, value) {
        if (value === null) return '–'
        const { kind } = figures[name]
        if (kind === 'share') return percent.format(value)
        if (kind === 'seconds') return format.clock(value)
        return kind === 'points' ? points.format(value) : format.integer(value)
      },
      change: (name, change) =>
        figures[name].kind === 'share'
          ? t('overview.points', { points: signed.format(change * 100) })
          : signedPercent.format(change),
      percent: (share) => percent.format(share),
      day: dates({ day: 'numeric', month: 'short' }),
      dayAndWeekday: dates({ weekday: 'short', day: 'numeric', month: 'short' }),
      month: dates({ month: 'long', year: 'numeric' }),
      // 2024-01-01 was a Monday.
      weekday: (weekday, style) => weekdays[style](`2024-01-0${weekday}`),
    }
  }, [language, format, t])
}
