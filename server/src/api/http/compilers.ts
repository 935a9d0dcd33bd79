import type { FastifyInstance, FastifySchemaCompiler } from 'fastify'
import type { FastifySerializerCompiler } from 'fastify/types/schema.js'
import { ZodType } from 'zod'
import { issueText, validationFault } from '../errors/faults.ts'

/** Checks requests with the routes' zod schemas, and answers too if `checkAnswers` is set. */
export function addCompilers(server: FastifyInstance, checkAnswers: boolean): void {
  const writeAnswer: FastifySerializerCompiler<unknown> = ({ schema, method, url }) => {
    if (!checkAnswers) return (answer: unknown) => JSON.stringify(answer)
    const type = zodType(schema)
    return (answer: unknown) => {
      // The check uses the serialised answer, in which dates are text.
      const text = JSON.stringify(answer)
      const result = type.safeParse(JSON.parse(text))
      if (result.success) return text
      throw new Error(`The answer of ${method} ${url} is not what its schema says: ${result.error.message}`)
    }
  }
  server.setValidatorCompiler(checkRequest)
  server.setSerializerCompiler(writeAnswer)
}

const checkRequest: FastifySchemaCompiler<unknown> = ({ schema, httpPart }) => {
  const type = zodType(schema)
  return (value: unknown) => {
    const result = type.safeParse(value, { error: issueText })
    return result.success ? { value: result.data } : { error: validationFault(httpPart, result.error) }
  }
}

function zodType(schema: unknown): ZodType {
  if (schema instanceof ZodType) return schema
  throw new Error('The schemas of a route must be zod types.')
}
