import { z } from 'zod'
import { plainFailureShape } from '../errors/fallback.ts'
import type { Surface } from '../http/surface.ts'
import { failureAnswers, failureName, type Content, type DescribedAnswers, type DescribedRoute } from './failures.ts'

/** The parts of an OpenAPI document that this file changes. */
export interface ApiDocument {
  info: { title: string; version: string; description?: string }
  tags?: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: Record<string, unknown> & { schemas?: Record<string, unknown> }
}

interface Operation {
  tags?: string[]
  responses: DescribedAnswers
}

/** The document with every route's failures, and the envelopes among its schemas. */
export function withFailures(
  document: ApiDocument,
  surfaces: readonly Surface[],
  routeOf: (method: string, path: string) => DescribedRoute | undefined,
): ApiDocument {
  const paths = mapOperations(document, (operation, method, path) => {
    const route = routeOf(method, path)
    const failures = route ? failureAnswers(route) : {}
    return { ...operation, responses: { ...failures, ...settled(operation.responses) } }
  })
  const envelopes = surfaces.map((surface) => [
    failureName(surface),
    z.toJSONSchema(surface.failureShape ?? plainFailureShape, { target: 'draft-2020-12' }),
  ])
  const schemas = { ...document.components.schemas, ...Object.fromEntries(envelopes) }
  return {
    ...document,
    tags: surfaces.map(({ name }) => ({ name })),
    paths,
    components: { ...document.components, schemas },
  }
}

/** The document of one surface: its paths alone, and its envelope. */
export function surfaceDocument(document: ApiDocument, surface: Surface): ApiDocument {
  const paths = Object.entries(document.paths).filter(([, operations]) =>
    Object.values(operations).some(({ tags }) => tags?.includes(surface.name)),
  )
  const envelope = failureName(surface)
  return {
    ...document,
    info: { ...document.info, title: `${document.info.title}: ${surface.name}` },
    tags: [{ name: surface.name }],
    paths: Object.fromEntries(paths),
    components: { ...document.components, schemas: { [envelope]: document.components.schemas?.[envelope] } },
  }
}

function mapOperations(
  { paths }: ApiDocument,
  change: (operation: Operation, method: string, path: string) => Operation,
): ApiDocument['paths'] {
  return Object.fromEntries(
    Object.entries(paths).map(([path, operations]) => [
      path,
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [method, change(operation, method, path)]),
      ),
    ]),
  )
}

/** Names answers without a description, and puts examples where the readers of the document expect them. */
function settled(responses: DescribedAnswers): DescribedAnswers {
  return Object.fromEntries(
    Object.entries(responses).map(([status, { description, content, ...more }]) => [
      status,
      {
        ...more,
        description: description === 'Default Response' ? 'Success' : description,
        ...(content === undefined ? {} : { content: withExamples(content) }),
      },
    ]),
  )
}

function withExamples(content: Content): Content {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema: { examples, ...schema } = {}, ...media }]) => {
      const [example] = Array.isArray(examples) ? examples : []
      return [type, { ...media, schema, ...(example === undefined ? {} : { example }) }]
    }),
  )
}
