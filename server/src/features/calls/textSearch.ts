import { AppError } from '../../errors.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'

/** A condition on `calls` and its bound values. */
export interface Condition {
  sql: string
  parameters: Parameters
}

const maxWords = 10
/** Shorter runs of digits match only as words, because the index of number parts holds runs of four. */
const minDigits = 4
const phoneForm = /^[+\d().\-\s]+$/

/**
 * Returns the condition that every word of `text` occurs in the transcript, the notes or the caller of a call, ignoring
 * case and accents; digits may also be part of the caller's number, which may contain spaces. Throws VALIDATION_ERROR
 * for a text without words, or with too many.
 */
export function textCondition(text: string): Condition {
  const words = text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
  if (words.length === 0) refuse('must hold a letter or a digit')
  if (words.length > maxWords) refuse(`must be at most ${maxWords} words; these are ${words.length}`)
  const parameters: Parameters = Object.fromEntries(words.map((word, index) => [`word${index}`, word]))
  const partOfNumber = (digits: string, name: string): string[] => {
    if (digits.length < minDigits) return []
    parameters[name] = `%${digits}%`
    return [`calls.caller_digits LIKE {${name}:String}`]
  }
  const everyWord = words.map((word, index) => {
    const own = partOfNumber(digitsOf(word), `digits${index}`)
    return anyOf([...wordConditions(`{word${index}:String}`), ...own])
  })
  const whole = words.length > 1 ? partOfNumber(digitsOf(text), 'digits') : []
  return { sql: anyOf([everyWord.join('\n       AND '), ...whole]), parameters }
}

/** Returns the condition for one word: in the call's own texts, or in a turn. Both use an index of words. */
function wordConditions(word: string): string[] {
  return [
    `hasAllTokens(calls.words, ${folded(word)})`,
    `calls.id IN
       (
         SELECT call_id
         FROM turns FINAL
         WHERE account_id = {accountId:UInt32}
           AND removed = 0
           AND hasAllTokens(words, ${folded(word)})
       )`,
  ]
}

/** Normalizes a word like the columns `words` (see their definition). */
function folded(expression: string): string {
  return `removeDiacriticsUTF8(caseFoldUTF8(${expression}))`
}

function anyOf(conditions: string[]): string {
  return conditions.length === 1 ? conditions.join() : `(${conditions.join('\n       OR ')})`
}

function digitsOf(text: string): string {
  return phoneForm.test(text) ? text.replaceAll(/\D/g, '') : ''
}

function refuse(message: string): never {
  throw new AppError('VALIDATION_ERROR', `q ${message}.`, { details: [{ field: 'q', message }] })
}
