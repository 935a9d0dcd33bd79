import type { DatasetSchema, ExportBody } from './exportsApi.ts'

/** The values of the form for a new export. */
export interface Draft {
  dataset: string
  format: string
  compression: string
  /** A named period, or `custom`. */
  period: string
  from: string
  to: string
  campaign: string
  evaluation: string
  contact: string
  /** Undefined for all. */
  columns: string[] | undefined
}

export const firstDraft: Draft = {
  dataset: 'calls',
  format: 'csv',
  compression: 'none',
  period: 'last7Days',
  from: '',
  to: '',
  campaign: '',
  evaluation: '',
  contact: '',
  columns: undefined,
}

/** The datasets of calls take other filters than those of engagements. */
export function isOfCalls(dataset: string): boolean {
  return dataset === 'calls' || dataset === 'ai-calls'
}

/** The draft with another dataset, without values that this dataset does not have. */
export function withDataset(draft: Draft, { name, formats }: DatasetSchema): Draft {
  const format = formats.includes(draft.format) ? draft.format : 'csv'
  return { ...draft, dataset: name, format, columns: undefined, campaign: '', evaluation: '', contact: '' }
}

/** The request for the server; `from` and `to` are the days of the draft's period. */
export function bodyOf(draft: Draft, days: { from: string; to: string }, timezone: string): ExportBody {
  const { dataset, format, compression, columns, campaign, evaluation, contact } = draft
  return {
    dataset,
    format,
    compression,
    dateFrom: days.from,
    dateTo: days.to,
    timezone,
    ...(columns ? { columns } : {}),
    ...(campaign === '' ? {} : { campaignId: campaign }),
    ...(evaluation === '' ? {} : { status: evaluation }),
    ...(contact.trim() === '' ? {} : { contact: contact.trim() }),
  }
}
