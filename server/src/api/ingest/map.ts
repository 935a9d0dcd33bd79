import type { IngestBody } from '../../features/ingest/inflateBody.ts'

/** The body with the headers that say how to read it. */
export function bodyOf(bytes: Buffer, headers: Record<string, string | string[] | undefined>): IngestBody {
  return {
    bytes,
    contentType: headerText(headers['content-type']),
    contentEncoding: headerText(headers['content-encoding']),
  }
}

export function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
