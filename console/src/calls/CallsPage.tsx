import { useEffect, useState, type ReactNode } from 'react'
import { ActionIcon } from '@mantine/core'
import { useLive, type LiveState } from '../api/live.ts'
import { useSession } from '../api/session.tsx'
import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import { Icon } from '../parts/Icon.tsx'
import { LiveMark } from '../parts/LiveMark.tsx'
import { searchWords } from '../parts/highlight.ts'
import { usePageTitle } from '../parts/usePageTitle.ts'
import { CallCards } from './CallCards.tsx'
import { CallsTable } from './CallsTable.tsx'
import classes from './CallsPage.module.css'
import { callsPath, useCalls } from './callsApi.ts'
import { ColumnsMenu } from './ColumnsMenu.tsx'
import { EmptyCalls } from './EmptyCalls.tsx'
import { FilterBar } from './FilterBar.tsx'
import { useHits } from './hits.ts'
import { useArrivals } from './useArrivals.ts'
import { useIsNarrow } from './useIsNarrow.ts'
import { useView } from './useView.ts'
import { pageSize, rememberColumns, type CallsView } from './view.ts'
import { ViewsMenu } from './ViewsMenu.tsx'

/** The calls of the account: filtered, sorted and paged by the server. */
export function CallsPage() {
  const i18n = useI18n()
  const { t, format } = i18n
  const { account } = useSession()
  const { view, show, change, goOn, goBack } = useView()
  const { calls, arrived, live, path } = useLiveCalls(view, account.timezone)
  const isNarrow = useIsNarrow()
  const hits = useHits(view.search, calls.data?.data ?? [])
  usePageTitle(t('calls.title'))
  useEffect(() => {
    // Braces, because the promise of newer browsers is not a clean-up function.
    window.scrollTo(0, 0)
  }, [view.after])

  const List = isNarrow ? CallCards : CallsTable
  const isEmpty = calls.data?.data.length === 0
  return (
    <>
      <header className={classes.header}>
        <h1>{t('calls.title')}</h1>
        <Count of={path} isLoaded={!calls.isPlaceholderData && calls.isSuccess}>
          {calls.data && i18n.count('calls.count', calls.data.total)}
        </Count>
        {live && <LiveMark state={live} />}
        <div className={classes.tools}>
          <ViewsMenu view={view} onShow={show} />
          {!isNarrow && (
            <ColumnsMenu
              chosen={view.columns}
              onChange={(columns) => {
                rememberColumns(columns)
                show({ ...view, columns }, true)
              }}
            />
          )}
        </div>
      </header>
      <FilterBar view={view} onChange={change} />
      {calls.isError && !calls.data && <Failure error={calls.error} onRetry={() => void calls.refetch()} />}
      {isEmpty && <EmptyCalls view={view} onChange={change} />}
      {!isEmpty && (calls.data || calls.isPending) && (
        <div className={classes.list} aria-busy={calls.isPlaceholderData || calls.isPending}>
          <List
            calls={calls.data?.data}
            arrived={arrived}
            hits={hits}
            words={searchWords(view.search)}
            view={view}
            onSort={(sortBy) =>
              change({ sortBy, sortOrder: view.sortBy === sortBy && view.sortOrder === 'desc' ? 'asc' : 'desc' })
            }
          />
        </div>
      )}
      {calls.data && !isEmpty && (
        <footer className={classes.footer}>
          <span className="soft">{t('calls.zone', { zone: format.timezone.replaceAll('_', ' ') })}</span>
          <Pager
            page={view.page}
            shown={calls.data.data.length}
            total={calls.data.total}
            onPrevious={view.after === '' ? undefined : goBack}
            onNext={nextOf(calls.data.next_cursor, goOn)}
          />
        </footer>
      )}
    </>
  )
}

/** The calls of a view; the first page updates live. */
function useLiveCalls(view: CallsView, timezone: string) {
  const path = callsPath(view, timezone)
  const isFollowed = view.after === ''
  const [isLive, setIsLive] = useState(false)
  const calls = useCalls(path, isFollowed && !isLive)
  const { arrived, told } = useArrivals(path, calls.isPlaceholderData ? undefined : calls.data?.data)
  const state = useLive(isFollowed ? { collections: ['calls'], queryKey: ['calls'], told } : undefined)
  if (isLive !== (state === 'live')) setIsLive(state === 'live')
  const live: LiveState | undefined = isFollowed ? state : undefined
  return { calls, arrived, live, path }
}

const readOutMs = 1000

/** The number of calls, announced when another view is loaded but not for every new call. */
function Count({ of, isLoaded, children }: { of: string; isLoaded: boolean; children: ReactNode }) {
  const [told, setTold] = useState('')
  useEffect(() => {
    if (!isLoaded || told === of) return
    const timer = window.setTimeout(() => setTold(of), readOutMs)
    return () => window.clearTimeout(timer)
  }, [isLoaded, of, told])
  return (
    <span className={`soft numbers ${classes.count}`} aria-live={told === of ? 'off' : 'polite'}>
      {children}
    </span>
  )
}

function nextOf(cursor: string | null, goOn: (cursor: string) => void): (() => void) | undefined {
  return cursor === null ? undefined : () => goOn(cursor)
}

interface PagerProps {
  page: number
  shown: number
  total: number
  onPrevious: (() => void) | undefined
  onNext: (() => void) | undefined
}

function Pager({ page, shown, total, onPrevious, onNext }: PagerProps) {
  const { t, format } = useI18n()
  const before = (page - 1) * pageSize
  return (
    <nav className={classes.pager} aria-label={t('calls.pages')}>
      <span className="numbers">
        {t('calls.range', {
          from: format.integer(before + 1),
          to: format.integer(before + shown),
          total: format.integer(total),
        })}
      </span>
      <ActionIcon variant="default" aria-label={t('calls.previous')} disabled={!onPrevious} onClick={onPrevious}>
        <Icon name="back" size={16} />
      </ActionIcon>
      <ActionIcon variant="default" aria-label={t('calls.next')} disabled={!onNext} onClick={onNext}>
        <Icon name="forward" size={16} />
      </ActionIcon>
    </nav>
  )
}
