import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Ports } from '../../ports.ts'
import type { LinkedFile } from '../../features/files/linkedFile.ts'
import { readFile } from '../../features/files/readFile.ts'

/** The answers of a route that sends a file. */
export const fileAnswers = {
  200: { description: 'The file, with its media type', content: { '*/*': { schema: z.any() } } },
  206: { description: 'The requested range', content: { '*/*': { schema: z.any() } } },
  416: { description: 'The range lies outside the file', content: { 'text/plain': { schema: z.string() } } },
}

/** Answers GET and HEAD with a file, with its requested range, or with 304. Throws GONE. */
export async function sendFile(
  ports: Ports,
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  file: LinkedFile,
): Promise<FastifyReply> {
  if (hasAlready(headers['if-none-match'], entityTag(file))) return reply.code(304).headers(fileHeaders(file)).send()
  if (method === 'HEAD') return reply.headers(fileHeaders(file)).header('Content-Length', file.bytes).send()
  const condition = headers['if-range']
  // A range counts without If-Range, or if the client's part is of the same file.
  const wanted = condition === undefined || condition === entityTag(file) ? headers.range : undefined
  const range = rangeOf(wanted, file.bytes)
  if (range === 'none') {
    return reply
      .code(416)
      .header('Content-Range', `bytes */${file.bytes}`)
      .type('text/plain; charset=utf-8')
      .send(`The file has ${file.bytes} bytes; the range lies outside.\n`)
  }
  const content = await readFile(ports, file, range)
  void reply.headers(fileHeaders(file))
  if (range === undefined) return reply.header('Content-Length', file.bytes).send(content)
  const { start, end } = range
  return reply
    .code(206)
    .header('Content-Range', `bytes ${start}-${end}/${file.bytes}`)
    .header('Content-Length', end - start + 1)
    .send(content)
}

/** Headers of every answer with a file; the browser saves the file instead of showing it. */
function fileHeaders(file: LinkedFile): Record<string, string> {
  return {
    'Content-Type': file.contentType,
    'Content-Disposition': contentDisposition(file.name),
    'Content-Security-Policy': 'sandbox',
    'Accept-Ranges': 'bytes',
    ETag: entityTag(file),
  }
}

function entityTag(file: LinkedFile): string {
  return `"${file.sha256}"`
}

/** Whether `If-None-Match` names the file; a proxy that compresses it makes the tag weak. */
function hasAlready(header: string | undefined, tag: string): boolean {
  const named = (header ?? '').split(',').map((entry) => entry.trim().replace(/^W\//, ''))
  return named.includes('*') || named.includes(tag)
}

/** RFC 6266: an ASCII name for every reader, and the real name (RFC 8187) if it differs. */
export function contentDisposition(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  if (plain === name) return `attachment; filename="${plain}"`
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  })
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/**
 * The part of a file that a request asks for: undefined is the whole (also for several ranges, other units and invalid
 * forms, which RFC 9110 lets a server ignore), 'none' is a range outside the file.
 */
export function rangeOf(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | 'none' | undefined {
  const [, first = '', last = ''] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), bytes)
    return length === 0 ? 'none' : { start: bytes - length, end: bytes - 1 }
  }
  if (last !== '' && Number(last) < Number(first)) return undefined
  if (Number(first) >= bytes) return 'none'
  return { start: Number(first), end: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) }
}
