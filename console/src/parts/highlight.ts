/** The words of a search, each once. */
export function searchWords(query: string): string[] {
  return [...new Set(query.match(/[\p{L}\p{N}\p{M}]+/gu))]
}

interface Piece {
  text: string
  isHit: boolean
}

const isLetter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character)

/** Whether a word is at a position, as a whole word like in the server's search; digits may be a part of a number. */
function standsAt(plain: string, word: string, at: number): boolean {
  if (!plain.startsWith(word, at)) return false
  return /^\d+$/.test(word) || !(isLetter(plain[at - 1]) || isLetter(plain[at + word.length]))
}

/** A text split at searched words, ignoring case and accents. */
export function piecesOf(text: string, words: readonly string[]): Piece[] {
  const { plain, places } = withoutAccents(text)
  const wanted = words.map((word) => withoutAccents(word).plain).filter((word) => word !== '')
  const pieces: Piece[] = []
  let end = 0
  for (let at = 0; at < plain.length;) {
    const hit = wanted.find((word) => standsAt(plain, word, at))
    if (hit === undefined) {
      at += 1
      continue
    }
    const from = places[at] ?? 0
    at += hit.length
    const to = places[at] ?? text.length
    if (from > end) pieces.push({ text: text.slice(end, from), isHit: false })
    pieces.push({ text: text.slice(from, to), isHit: true })
    end = to
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isHit: false })
  return pieces
}

/** Whether a text contains one of the words. */
export function hasHit(text: string, words: readonly string[]): boolean {
  return words.length > 0 && piecesOf(text, words).some((piece) => piece.isHit)
}

/** Whether a text contains a part of one of the words. */
export function contains(text: string, part: string): boolean {
  return withoutAccents(text).plain.includes(withoutAccents(part.trim()).plain)
}

/** A text in small letters without accents, and where in the original each of its characters stands. */
function withoutAccents(text: string): { plain: string; places: number[] } {
  let plain = ''
  const places: number[] = []
  let place = 0
  for (const character of text) {
    const bare = character.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
    for (let index = 0; index < bare.length; index++) places.push(place)
    plain += bare
    place += character.length
  }
  places.push(text.length)
  return { plain, places }
}
