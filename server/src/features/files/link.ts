import { timingSafeEqual } from 'node:crypto'
import type { Ports } from '../../ports.ts'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'

/** The file of a link, and its expiry. */
export interface Link {
  kind: 'export' | 'recording'
  id: string
  /** Which of its files. */
  index: number
  /** Milliseconds since 1970. */
  endsAt: number
}

const purpose = 'file link'

/**
 * Creates a URL of a file that needs no sign-in until it expires. The URL ends with the file name and has no query, so
 * that clients save the file under that name.
 */
export function linkTo(
  { ports: { secrets }, publicUrl }: Pick<Context, 'ports' | 'publicUrl'>,
  link: Link,
  name: string,
): string {
  const text = `${link.kind}.${link.id}.${link.index}.${link.endsAt}`
  const token = `${text}.${textOf(secrets.sign(text, purpose))}`
  return `${publicUrl}/files/${token}/${nameInLink(name)}`
}

/** Returns a file name with URL-safe characters; the response headers hold the real name. */
export function nameInLink(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9._-]/gu, '_')
}

/** Decodes the token of a link. Throws LINK_INVALID when it was not issued here, GONE when it has expired. */
export function openLink({ secrets, now }: Pick<Ports, 'secrets' | 'now'>, token: string): Link {
  const end = token.lastIndexOf('.')
  const text = token.slice(0, Math.max(0, end))
  // Compared as text: in base64url several texts can mean the same bytes, and an altered link must not work.
  const given = Buffer.from(token.slice(end + 1))
  const isRight = secrets
    .signatures(text, purpose)
    .map((signature) => Buffer.from(textOf(signature)))
    .some((right) => given.length === right.length && timingSafeEqual(given, right))
  const [, kind, id = '', index, endsAt] = /^(export|recording)\.([0-9a-f-]{36})\.(\d+)\.(\d+)$/.exec(text) ?? []
  if (!isRight || (kind !== 'export' && kind !== 'recording')) {
    throw invalidLink()
  }
  const link: Link = { kind, id, index: Number(index), endsAt: Number(endsAt) }
  if (now() >= link.endsAt) {
    throw new AppError('GONE', 'This link has ended; ask the API for the file again.')
  }
  return link
}

export function invalidLink(): AppError {
  return new AppError('LINK_INVALID', 'This link is not valid; take it again exactly as the API gave it.')
}

function textOf(signature: Buffer): string {
  return signature.toString('base64url')
}
