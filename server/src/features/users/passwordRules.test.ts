import { expect, test } from 'vitest'
import { newPassword } from './password.ts'
import { checkPassword } from './passwordRules.ts'

const ana = { email: 'ana.soto@example.com', name: 'Ana Sotomayor' }

test.each([
  ['eleven char', '12 to 128'],
  ['x'.repeat(64) + 'y'.repeat(65), '12 to 128'],
  // Counted as people count: eleven characters in more code units.
  ['📞'.repeat(5) + 'abcdef', '12 to 128'],
  ['1q2w3e4r5t6y', 'tried first'],
  ['QwertyQwerty', 'tried first'],
  ['password1234', 'tried first'],
  ['2026!Password!', 'tried first'],
  ['aaaaaaaaaaaa', 'tried first'],
  ['abcabcabcabcabc', 'tried first'],
  ['AnaSotomayor1', 'name or e-mail'],
  ['example.com-2026', 'name or e-mail'],
  ['earshot-2026', 'name or e-mail'],
  ['correct horse\0', 'NUL'],
])('%j is refused: %s', (password, reason) => {
  expect(() => checkPassword(password, ana)).toThrow(reason)
})

test.each([
  'correct horse battery',
  'y'.repeat(64) + 'correct horse battery',
  'sotomayor took the slow train',
  'ñandú y cóndor',
])('%j is taken', (password) => expect(() => checkPassword(password, ana)).not.toThrow())

test('a password that is made up is taken', () => {
  for (let made = 0; made < 1000; made++) checkPassword(newPassword(), ana)
})
