import { readFileSync } from 'node:fs'
import { refuseField } from './user.ts'

const minCharacters = 12
const maxCharacters = 128
// Letters and digits of what is left without the person's own words.
const minOwnCharacters = 8
const minWordCharacters = 4

let known: Set<string> | undefined

/**
 * Refuses a password that is too short or too long, is commonly guessed, or consists mostly of the user's e-mail
 * address or name.
 */
export function checkPassword(password: string, person: { email: string; name: string }): void {
  const characters = Array.from(password).length
  if (characters < minCharacters || characters > maxCharacters) {
    refuseField('password', `must have ${minCharacters} to ${maxCharacters} characters`)
  }
  if (password.includes('\0')) refuseField('password', 'must not contain a NUL')
  const small = password.normalize('NFKC').toLowerCase()
  if (isKnown(small)) refuseField('password', 'is among those that are tried first; choose another one')
  if (isPersonal(small, person)) {
    refuseField('password', 'is made of your name or e-mail address; choose another one')
  }
}

/** Returns whether it is a known password, a repeated one, or one with digits and signs around it. */
function isKnown(password: string): boolean {
  known ??= readKnown()
  const unit = /^(.+?)\1*$/su.exec(password)?.[1] ?? password
  const word = password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return unit.length < minCharacters / 2 || [password, unit, word].some((text) => known?.has(text))
}

function readKnown(): Set<string> {
  const lines = readFileSync(new URL('knownPasswords.txt', import.meta.url), 'utf8').split('\n')
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('#')))
}

function isPersonal(password: string, { email, name }: { email: string; name: string }): boolean {
  const words = `${email} ${name} earshot`
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= minWordCharacters)
    .toSorted((left, right) => right.length - left.length)
  const left = words.reduce((text, word) => text.replaceAll(word, ''), password)
  return left !== password && left.replaceAll(/[^\p{L}\p{N}]/gu, '').length < minOwnCharacters
}
