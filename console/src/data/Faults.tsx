import { useI18n } from '../i18n/i18n.tsx'
import { Failure } from '../parts/Failure.tsx'
import page from '../parts/Page.module.css'
import { Part, WaitingRows } from '../parts/Page.tsx'
import { useFaults, type Fault } from './dataApi.ts'
import classes from './Faults.module.css'

/** Refused records and requests, by sender. */
export function Faults() {
  const { t } = useI18n()
  const faults = useFaults()
  const { data } = faults
  return (
    <Part
      title={t('faults.title')}
      help={t('faults.help')}
      tools={
        <a className={classes.docs} href="/docs#/ingest" target="_blank" rel="noreferrer">
          {t('faults.docs')}
        </a>
      }
    >
      {faults.isPending && <WaitingRows count={2} />}
      {faults.isError && !data && <Failure error={faults.error} onRetry={() => void faults.refetch()} />}
      {data?.data.length === 0 && <p>{t('faults.none')}</p>}
      {data && data.data.length > 0 && <FaultTable faults={data.data} />}
    </Part>
  )
}

function FaultTable({ faults }: { faults: readonly Fault[] }) {
  const { t } = useI18n()
  const sources = [...new Set(faults.map(({ source }) => source.id))]
  return (
    <table className={classes.table} aria-label={t('faults.title')}>
      <thead>
        <tr>
          <th scope="col">{t('faults.where')}</th>
          <th scope="col">{t('faults.what')}</th>
          <th scope="col" className={classes.number}>
            {t('faults.refused')}
          </th>
          <th scope="col" className={classes.number}>
            {t('faults.last')}
          </th>
        </tr>
      </thead>
      {sources.map((id) => (
        <SourceRows key={id} faults={faults.filter(({ source }) => source.id === id)} />
      ))}
    </table>
  )
}

function SourceRows({ faults }: { faults: readonly Fault[] }) {
  const [first] = faults
  return (
    <tbody>
      {first && <SourceRow source={first.source} />}
      {faults.map((fault) => (
        <FaultRow key={JSON.stringify([fault.path, fault.code, fault.field, fault.message])} fault={fault} />
      ))}
    </tbody>
  )
}

function SourceRow({ source: { kind, id, name, prefix } }: Pick<Fault, 'source'>) {
  const { t } = useI18n()
  return (
    <tr className={classes.source}>
      <th scope="rowgroup" colSpan={4}>
        <span className="soft">{t(`faults.${kind}`)}</span> <strong>{name === '' ? id : name}</strong>{' '}
        {prefix !== null && <code className="soft">{prefix}…</code>}
      </th>
    </tr>
  )
}

function FaultRow({ fault }: { fault: Fault }) {
  const { t, count, word, format } = useI18n()
  const { collection, path, code, field, message, counts, refused, lastAt } = fault
  return (
    <tr>
      <td>
        {collection === null ? t('faults.noCollection') : word('collection', collection)}
        <code className={`soft ${classes.path}`}>{path}</code>
      </td>
      <td className={classes.what}>
        <span className={page.title}>
          <strong>{word('fault', code)}</strong>
          {field !== null && <code>{field}</code>}
        </span>
        <span className={`soft ${classes.message}`} lang="en">
          {message}
        </span>
      </td>
      <td className={classes.number}>{count(`faults.${counts}`, refused)}</td>
      <td className={classes.number}>
        <span className={classes.label}>{t('faults.last')} </span>
        {format.dayAndTime(lastAt)}
      </td>
    </tr>
  )
}
