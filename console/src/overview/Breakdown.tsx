import { SegmentedControl, Skeleton } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { allows, useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Change } from './Change.tsx'
import { figureNames, useFigureFormats, valueOf, type FigureName } from './figures.ts'
import classes from './Overview.module.css'
import { maxParts, type Part } from './overviewApi.ts'
import { Panel } from './Panel.tsx'
import { callsAddress, dimensions, type OverviewView } from './view.ts'

const firstShown = 8

interface BreakdownProps {
  view: OverviewView
  parts: UseQueryResult<Part[]>
  onChange: (part: Partial<OverviewView>) => void
}

/** The figures of each campaign, call centre or agent; the chosen figure sorts the rows and has bars. */
export function Breakdown({ view, parts, onChange }: BreakdownProps) {
  const { t, format } = useI18n()
  const [showsAll, setShowsAll] = useState(false)
  const sorted = (parts.data ?? []).toSorted(
    (a, b) => (valueOf(b, view.figure) ?? -1) - (valueOf(a, view.figure) ?? -1),
  )
  const shown = showsAll ? sorted : sorted.slice(0, firstShown)
  return (
    <Panel
      title={t('overview.breakdown')}
      className={classes.wide}
      tools={
        <SegmentedControl
          size="xs"
          aria-label={t('overview.breakdown')}
          value={view.by}
          data={dimensions.map((value) => ({ value, label: t(`overview.by.${value}`) }))}
          onChange={(by) => onChange({ by })}
        />
      }
    >
      {parts.isError && !parts.data && <Failure error={parts.error} onRetry={() => void parts.refetch()} />}
      {parts.isPending && <Skeleton height={220} />}
      {parts.data?.length === 0 && <p className="soft">{t('overview.noParts')}</p>}
      {shown.length > 0 && (
        <section className={classes.scroll} aria-label={t(`overview.by.${view.by}`)}>
          <PartsTable view={view} parts={shown} onChange={onChange} />
        </section>
      )}
      {sorted.length > firstShown && (
        <button type="button" className={classes.more} onClick={() => setShowsAll(!showsAll)} data-screen-only>
          {showsAll ? t('overview.showFewer') : t('overview.showAll', { count: format.integer(sorted.length) })}
        </button>
      )}
      {sorted.length === maxParts && (
        <p className={`soft ${classes.note}`}>{t('overview.mostParts', { count: format.integer(maxParts) })}</p>
      )}
    </Panel>
  )
}

interface TableProps {
  view: OverviewView
  parts: readonly Part[]
  onChange: (part: Partial<OverviewView>) => void
}

function PartsTable({ view, parts, onChange }: TableProps) {
  const { t } = useI18n()
  const max = Math.max(0, ...parts.map((part) => valueOf(part, view.figure) ?? 0))
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{t('overview.name')}</th>
          {figureNames.map((name) => (
            <th
              key={name}
              scope="col"
              className={classes.number}
              aria-sort={view.figure === name ? 'descending' : undefined}
            >
              <button type="button" className={classes.sort} onClick={() => onChange({ figure: name })}>
                {t(`figure.${name}`)}
                {view.figure === name && <span aria-hidden="true"> ↓</span>}
              </button>
            </th>
          ))}
          <th scope="col" className={classes.number}>
            {t('overview.change')}
          </th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => (
          <PartRow key={part.id} view={view} part={part} max={max} />
        ))}
      </tbody>
    </table>
  )
}

function PartRow({ view, part, max }: { view: OverviewView; part: Part; max: number }) {
  const formats = useFigureFormats()
  const session = useSession()
  const address = allows(session, 'calls:read') ? addressOfPart(view, part.id) : undefined
  const share = max === 0 ? 0 : (valueOf(part, view.figure) ?? 0) / max
  return (
    <tr>
      <th scope="row">
        {address === undefined ? part.name : <Link href={address}>{part.name}</Link>}
        <span className={classes.bar} aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} />
        </span>
      </th>
      {figureNames.map((name: FigureName) => (
        <td key={name} className={classes.number} data-chosen={name === view.figure}>
          {formats.value(name, valueOf(part, name))}
        </td>
      ))}
      <td className={classes.number}>
        <Change name={view.figure} now={valueOf(part, view.figure)} before={valueOf(part.previous, view.figure)} />
      </td>
    </tr>
  )
}

function addressOfPart(view: OverviewView, id: string): string | undefined {
  if (view.by === 'call-centers') return undefined
  return callsAddress(view, view.by === 'campaigns' ? { campaign: id } : { agent: id })
}
