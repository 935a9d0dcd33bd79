import { expect, test } from 'vitest'
import { s3LocationOf } from './s3Location.ts'

test.each([
  [
    's3://calls?region=eu-west-1',
    { endpoint: 'https://s3.eu-west-1.amazonaws.com', region: 'eu-west-1', bucket: 'calls', prefix: '' },
  ],
  [
    's3://calls/earshot/one/?endpoint=http://10.0.0.7:9000',
    { endpoint: 'http://10.0.0.7:9000', region: 'us-east-1', bucket: 'calls', prefix: 'earshot/one/' },
  ],
  [
    's3://my.calls/x?endpoint=https://s3.example.com/&region=nbg1',
    { endpoint: 'https://s3.example.com', region: 'nbg1', bucket: 'my.calls', prefix: 'x/' },
  ],
])('%s is a place for files', (text, location) => {
  expect(s3LocationOf(text)).toEqual(location)
})

test.each([
  '',
  'calls',
  'https://s3.example.com/calls',
  's3://',
  's3:///folder',
  's3://Calls',
  's3://calls:9000/folder',
  's3://key:secret@calls',
  's3://calls/.hidden',
  's3://calls/a b',
  's3://calls?regoin=eu-west-1',
  's3://calls?region=eu/west',
  's3://calls?endpoint=s3.example.com',
  's3://calls?endpoint=ftp://s3.example.com',
  's3://calls?endpoint=https://s3.example.com/path',
  's3://calls?endpoint=https://key:secret@s3.example.com',
])('%j is none', (text) => {
  expect(s3LocationOf(text)).toBeUndefined()
})
