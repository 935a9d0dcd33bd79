import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { AppError, errorStatus, type ErrorCode } from '../../errors.ts'
import { plainFailureShape } from '../errors/fallback.ts'
import { surfaces } from '../surfaces.ts'

interface Media {
  schema: Record<string, unknown>
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

interface Operation {
  name: string
  tags?: string[]
  summary?: string
  responses: Record<string, { description: string; content?: Record<string, Media> }>
  requestBody?: { content: Record<string, Media> }
}

const published = ['exports', 'analytics', 'datasets', 'feed', 'calls']

let earshot: TestApp
let operations: Operation[]
let envelopes: Record<string, Record<string, unknown>>

beforeAll(async () => {
  earshot = await openTestApp()
  const document = await documentAt('/openapi.json')
  envelopes = document.components.schemas
  operations = operationsOf(document)
})
afterAll(() => earshot.close())

async function documentAt(path: string) {
  const response = await fetch(`${earshot.url}${path}`)
  expect(response.status).toBe(200)
  return JSON.parse(await response.text())
}

function operationsOf({ paths }: { paths: Record<string, Record<string, Omit<Operation, 'name'>>> }): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method} ${path}` })),
  )
}

function mediaOf({ name, responses, requestBody }: Operation): [string, Media][] {
  const contents: [string, Record<string, Media> | undefined][] = [
    [`${name} body`, requestBody?.content],
    ...Object.entries(responses).map(([status, { content }]): [string, typeof content] => [
      `${name} ${status}`,
      content,
    ]),
  ]
  return contents.flatMap(([part, content]) =>
    Object.values(content ?? {}).map((media): [string, Media] => [part, media]),
  )
}

function examplesIn({ example, examples = {} }: Media): unknown[] {
  return [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
}

test('the document names every path with its way to sign in', async () => {
  const document = await documentAt('/openapi.json')
  expect(document.openapi).toBe('3.1.0')
  expect(document.paths['/v1/ingest/{collection}'].post.security).toEqual([{ apiKey: [] }, { bearer: [] }])
  expect(
    document.paths['/v1/records/{collection}/{id}'].get.parameters.map((entry: { name: string }) => entry.name),
  ).toContain('include')
  expect(Object.keys(document.components.securitySchemes)).toEqual(['apiKey', 'bearer', 'timestamp', 'signature'])
  expect(JSON.stringify(document)).not.toContain('"$ref":"#/components/schemas/undefined')
})

test.each(['/openapi.json', ...surfaces.map(({ name }) => `/openapi/${name}.json`)])(
  '%s is valid OpenAPI 3.1',
  async (path) => {
    const result = await new Validator().validate(await documentAt(path))
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  },
)

test('the documents of the surfaces hold their own paths, and together all', async () => {
  const parts = await Promise.all(surfaces.map(({ name }) => documentAt(`/openapi/${name}.json`)))
  const found = parts.flatMap((part, index) =>
    operationsOf(part).map(({ name, tags }) => ({ name, surface: tags?.[0], expected: surfaces[index]?.name })),
  )
  expect(found.filter(({ surface, expected }) => surface !== expected)).toEqual([])
  expect(found.map(({ name }) => name).toSorted()).toEqual(operations.map(({ name }) => name).toSorted())
})

test('every route has a summary, an answer for its success with a shape, and its failures', () => {
  const faults = operations.flatMap(({ name, summary, responses }) => {
    const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'))
    const shapeless = successes.filter(([status, { content }]) => (content === undefined) !== (status === '204'))
    const failures = Object.entries(responses).filter(([status]) => /^[45]|default/.test(status))
    return [
      ...(summary ? [] : [`${name} has no summary`]),
      ...(successes.length > 0 ? [] : [`${name} has no success`]),
      ...shapeless.map(([status]) => `${name} ${status} has no shape`),
      ...(failures.length > 1 ? [] : [`${name} has no failures`]),
      ...failures.filter(([, { content }]) => !content).map(([status]) => `${name} ${status} has no envelope`),
    ]
  })
  expect(faults).toEqual([])
  expect(operations.length).toBeGreaterThan(60)
})

test('a failure has the status and the envelope of its surface', () => {
  const find = (name: string) => operations.find((operation) => operation.name === name)
  const schemaOf = (name: string, status: number) =>
    find(name)?.responses[status]?.content?.['application/json']?.schema
  expect(schemaOf('get /api/v1/calls', 422)).toEqual({ $ref: '#/components/schemas/callsFailure' })
  expect(schemaOf('get /v1/sa/call', 400)).toEqual({ $ref: '#/components/schemas/feedFailure' })
  expect(schemaOf('post /api/v1/exports/ai-calls', 503)).toEqual({ $ref: '#/components/schemas/exportsFailure' })
  expect(schemaOf('get /api/v1/export/{exportId}/status', 404)).toEqual({
    $ref: '#/components/schemas/datasetsFailure',
  })
  expect(schemaOf('get /v1/admin/keys', 401)).toEqual({ $ref: '#/components/schemas/failure' })
})

test('the five published surfaces show the answer and the body of each of their routes', () => {
  const shown = operations.filter(({ tags }) => published.includes(tags?.[0] ?? ''))
  const contents = shown.map(({ name, responses }) => ({
    name,
    content: responses[200]?.content ?? responses[202]?.content,
  }))
  // Bytes of a file are nothing to show.
  const answerless = contents.filter(({ content }) => !hasExample(content) && !(content && '*/*' in content))
  const bodiless = shown.filter(({ requestBody }) => requestBody && !hasExample(requestBody.content))
  expect([...answerless, ...bodiless].map(({ name }) => name)).toEqual([])
  expect(new Set(shown.map(({ tags }) => tags?.[0]))).toEqual(new Set(published))
})

function hasExample(content: Record<string, Media> = {}): boolean {
  return Object.values(content).some((media) => examplesIn(media).length > 0)
}

test('every example is what its schema says', () => {
  const checked = operations.flatMap(mediaOf).flatMap(([part, media]) => {
    const { $ref: reference } = media.schema
    const envelope =
      typeof reference === 'string' ? envelopes[reference.slice('#/components/schemas/'.length)] : undefined
    const type = z.fromJSONSchema(envelope ?? media.schema)
    return examplesIn(media).map((example) => ({ part, fault: type.safeParse(example).error?.message }))
  })
  expect(checked.filter(({ fault }) => fault !== undefined)).toEqual([])
  expect(checked.length).toBeGreaterThan(200)
})

describe.each(surfaces)('the surface $name', (surface) => {
  test('answers every kind of failure in the envelope that is described', () => {
    const details = [{ index: 0, field: 'name', reason: 'REQUIRED', message: 'is required' }]
    const shape = surface.failureShape ?? plainFailureShape
    for (const code of Object.keys(errorStatus) as ErrorCode[]) {
      for (const more of [{}, { details, retryAfterSeconds: 3, missingScope: 'calls:read' }]) {
        const { body } = surface.failure(new AppError(code, 'It failed.', more), 'req_1')
        shape.parse(JSON.parse(JSON.stringify(body)))
      }
    }
  })
})

test('the page lets choose a document, keeps no key, and is served without one, as the first page is', async () => {
  expect(await (await fetch(`${earshot.url}/docs`)).text()).toContain('swagger-ui')
  const settings = await (await fetch(`${earshot.url}/docs/static/swagger-initializer.js`)).text()
  expect(settings).toContain('"persistAuthorization":false')
  expect(settings).toContain('/openapi/export-jobs.json')
  const home = await fetch(`${earshot.url}/`)
  expect(home.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(await home.text()).toContain('<title>Earshot</title>')
})

test('the document of a surface that is not there is not found', async () => {
  const response = await fetch(`${earshot.url}/openapi/none.json`)
  expect(response.status).toBe(404)
  expect(plainFailureShape.parse(await response.json()).error.code).toBe('RESOURCE_NOT_FOUND')
})
