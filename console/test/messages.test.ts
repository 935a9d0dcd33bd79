import { expect, test } from 'vitest'
import { en } from '../src/i18n/en.ts'
import { es } from '../src/i18n/es.ts'
import { boundsOf } from '../src/calls/period.ts'
import { piecesOf, searchWords } from '../src/parts/highlight.ts'

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).toSorted()

test('both languages have the same texts with the same places, and none is empty', () => {
  expect(Object.keys(es)).toEqual(Object.keys(en))
  const pairs = new Map<string, string>(Object.entries(es))
  for (const [key, text] of Object.entries(en)) {
    const other = pairs.get(key) ?? ''
    expect(other.trim(), key).not.toBe('')
    expect(places(other), key).toEqual(places(text))
  }
})

test('a period is counted in the days of the account’s zone', () => {
  const at = new Date('2026-09-06T03:30:00Z')
  const view = { period: 'yesterday', from: '', to: '' }
  expect(boundsOf(view, 'America/Santiago', at)).toEqual({ from: '2026-09-04', to: '2026-09-04' })
  expect(boundsOf(view, 'UTC', at)).toEqual({ from: '2026-09-05', to: '2026-09-05' })
  expect(boundsOf({ ...view, period: 'last30Days' }, 'UTC', at)).toEqual({ from: '2026-08-08', to: '2026-09-06' })
  expect(boundsOf({ period: '', from: '', to: '' }, 'UTC', at)).toEqual({ from: '', to: '' })
})

test('hits are whole words whatever their case and accents, and parts of numbers', () => {
  const hits = (text: string, query: string) =>
    piecesOf(text, searchWords(query)).flatMap((piece) => (piece.isHit ? [piece.text] : []))
  expect(hits('¿Está el MÓDEM? módems', 'esta modem')).toEqual(['Está', 'MÓDEM'])
  expect(hits('+56 9 1234 5678', '1234')).toEqual(['1234'])
  expect(hits('a\u0301rbol arbol', 'árbol')).toEqual(['a\u0301rbol', 'arbol'])
  expect(piecesOf('ABC', []).map(({ text }) => text)).toEqual(['ABC'])
})
