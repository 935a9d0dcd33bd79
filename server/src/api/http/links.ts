import { pathAsSent } from '../auth/signature.ts'

// Clients refuse an answer with headers of more than 16 KiB.
const maxLinkBytes = 8192

/** Another page of a list: its name in RFC 5988, and the parameter that leads there. */
export interface PageLink {
  rel: 'self' | 'first' | 'prev' | 'next' | 'last'
  parameter: string
  value: string
}

/**
 * A `Link` header to other pages of `target`, below the address `publicUrl`. A long header omits the least important
 * links; undefined if none fits.
 */
export function linkHeader(publicUrl: string, target: string, pages: readonly PageLink[]): string | undefined {
  const path = pathAsSent(target)
  const links = pages.map(({ rel, parameter, value }) => {
    const parameters = new URLSearchParams(target.slice(path.length))
    parameters.set(parameter, value)
    return { rel, text: `<${publicUrl}${path}?${parameters.toString()}>; rel="${rel}"` }
  })
  let left = maxLinkBytes
  const fitting = usefulFirst.filter((rel) => {
    const link = links.find((candidate) => candidate.rel === rel)
    return link !== undefined && (left -= link.text.length) >= 0
  })
  return (
    links
      .filter(({ rel }) => fitting.includes(rel))
      .map(({ text }) => text)
      .join(', ') || undefined
  )
}

const usefulFirst = ['next', 'prev', 'last', 'first', 'self'] as const
