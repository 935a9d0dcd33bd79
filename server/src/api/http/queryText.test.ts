import { expect, test } from 'vitest'
import { readQuery, splitList } from './queryText.ts'

test.each([
  ['a=1&b=2&a=3', { a: ['1', '3'], b: '2' }],
  ['sort_by[]=time&sort_by[]=score', { sort_by: ['time', 'score'] }],
  ['sort_by[1]=score&page=2&sort_by[0]=time', { sort_by: ['time', 'score'], page: '2' }],
  ['sort_by%5B0%5D=time', { sort_by: 'time' }],
  ['a%5Bb%5D=1&[0]=2&c=', { 'a[b]': '1', '[0]': '2', c: '' }],
  ['q=a+b%2Bc&__proto__=1', { q: 'a b+c', ['__proto__']: '1' }],
])('the query %s', (text, right) => {
  expect({ ...readQuery(text) }).toEqual(right)
})

test('a query may hold thousands of parameters', () => {
  const ids = Array.from({ length: 1500 }, (_, index) => `id=${index}`)
  expect(readQuery(ids.join('&'))['id']).toHaveLength(1500)
})

test.each([
  ['c1,C1', ['c1', 'C1']],
  ['c1, C1', ['c1', 'C1']],
  ['VIP ', ['VIP ']],
  [' VIP ,x', [' VIP ', 'x']],
  ['"Mesa, Santiago"', ['Mesa, Santiago']],
  ['a,"Mesa, Santiago" ,"say ""no"""', ['a', 'Mesa, Santiago', 'say "no"']],
  ['a," b"', ['a', ' b']],
  ['5" pipe,a"b"', ['5" pipe', 'a"b"']],
  ['"open,b', ['"open', 'b']],
  ['"a"b,c', ['"a"b', 'c']],
  ['a,,b,', ['a', '', 'b', '']],
  ['', []],
  [',', ['', '']],
  ['""', ['']],
])('the list %j', (text, right) => {
  expect(splitList(text)).toEqual(right)
})
