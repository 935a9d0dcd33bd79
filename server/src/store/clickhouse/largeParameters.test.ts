import { expect, test } from 'vitest'
import { withLongLists } from './largeParameters.ts'

const query = 'SELECT 1 WHERE a = {account:UInt32} AND id IN {ids:Array(String)} AND n IN {numbers:Array(UInt64)}'

test('short lists stay parameters', () => {
  const parameters = { account: 1, ids: ['a'], numbers: [1, 2] }
  expect(withLongLists(query, parameters)).toEqual({ query, query_params: parameters })
})

test('a long list is part of the statement, and nothing in it ends its text', () => {
  const ids = [String.raw`it's \'`, ...Array.from({ length: 1000 }, (_, index) => `c${index}`)]
  const written = withLongLists(query, { account: 1, ids, numbers: [1] })
  expect(written.query_params).toEqual({ account: 1, numbers: [1] })
  expect(written.query).toContain(String.raw`id IN CAST(['it\'s \\\'','c0','c1',`)
  expect(written.query).toContain(`'c999'], 'Array(String)') AND n IN {numbers:Array(UInt64)}`)
})

test('a list of what has no writing of its own is refused', () => {
  const ids = Array.from({ length: 1001 }, () => ({}))
  expect(() => withLongLists(query, { ids })).toThrow('A list of object cannot be part of a statement.')
})
