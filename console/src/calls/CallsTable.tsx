import { Skeleton } from '@mantine/core'
import { Link } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Highlight } from '../parts/Highlight.tsx'
import { Icon } from '../parts/Icon.tsx'
import type { CallItem } from './callsApi.ts'
import { Cell } from './Cell.tsx'
import classes from './CallsTable.module.css'
import type { Hits } from './hits.ts'
import { callAddress, excerptOf } from './callAddress.ts'
import { pageSize, type CallsView, type Column, type SortBy } from './view.ts'

export interface CallListProps {
  /** Undefined while loading. */
  calls: readonly CallItem[] | undefined
  /** Ids of calls that came while the list was shown. */
  arrived: ReadonlySet<string>
  hits: Hits
  words: readonly string[]
  view: CallsView
  onSort: (sortBy: SortBy) => void
}

const sortable = new Set<Column>(['started_at', 'duration_seconds'])
const numeric = new Set<Column>(['duration_seconds', 'requester_id'])

/** The calls as a table, with the matching line of the transcript below a search hit. */
export function CallsTable({ calls, arrived, hits, words, view, onSort }: CallListProps) {
  const { t } = useI18n()
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <caption className={classes.caption}>{t('calls.title')}</caption>
        <thead>
          <tr>
            {view.columns.map((column) => (
              <Head key={column} column={column} view={view} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {calls
            ? calls.map((call) => (
                <Row
                  key={call.id}
                  call={call}
                  isNew={arrived.has(call.id)}
                  hit={hits.get(call.id)}
                  words={words}
                  view={view}
                />
              ))
            : Array.from({ length: pageSize / 2 }, (_, row) => <EmptyRow key={row} columns={view.columns.length} />)}
        </tbody>
      </table>
    </div>
  )
}

function Head({ column, view, onSort }: { column: Column; view: CallsView; onSort: (sortBy: SortBy) => void }) {
  const { t } = useI18n()
  const label = t(`column.${column}`)
  const isSorted = view.sortBy === column
  const order = view.sortOrder === 'asc' ? 'ascending' : 'descending'
  return (
    <th scope="col" data-numeric={numeric.has(column)} aria-sort={isSorted ? order : undefined}>
      {isSortable(column) ? (
        <button type="button" onClick={() => onSort(column)} title={t('calls.sortedBy', { column: label })}>
          {label}
          <span className={classes.arrow} data-shown={isSorted}>
            <Icon name={isSorted && view.sortOrder === 'asc' ? 'up' : 'down'} size={13} />
          </span>
        </button>
      ) : (
        label
      )}
    </th>
  )
}

function isSortable(column: Column): column is SortBy {
  return sortable.has(column)
}

interface RowProps {
  call: CallItem
  isNew: boolean
  hit: string | undefined
  words: readonly string[]
  view: CallsView
}

function Row({ call, isNew, hit, words, view }: RowProps) {
  const { t, format } = useI18n()
  return (
    <>
      <tr className={classes.row} data-hit={hit !== undefined} data-new={isNew}>
        {view.columns.map((column, place) => (
          <td key={column} data-numeric={numeric.has(column)}>
            {place === 0 && (
              <Link
                href={callAddress(call.id, view.search)}
                className={classes.link}
                aria-label={t('calls.open', { time: format.moment(call.started_at) })}
              />
            )}
            <Cell call={call} column={column} words={words} />
          </td>
        ))}
      </tr>
      {hit !== undefined && (
        <tr className={classes.hit}>
          <td colSpan={view.columns.length}>
            <Icon name="chat" size={14} />
            <Highlight text={excerptOf(hit, words)} words={words} />
          </td>
        </tr>
      )}
    </>
  )
}

function EmptyRow({ columns }: { columns: number }) {
  return (
    <tr className={classes.row}>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column}>
          <Skeleton height={10} width={column === 0 ? 110 : 70} radius="xl" my={5} />
        </td>
      ))}
    </tr>
  )
}
