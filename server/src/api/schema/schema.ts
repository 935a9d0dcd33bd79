import { z } from 'zod'

export const schemaParams = z.object({ name: z.string() })

const bounds = {
  type: z.string(),
  values: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
}

const entry = z.object({ name: z.string(), required: z.boolean(), ...bounds })

const field = z.object({
  name: z.string(),
  ...bounds,
  entries: z.array(entry).optional(),
  description: z.string(),
  required: z.boolean().describe('Needed when a record is first written'),
  assigned: z.boolean().describe('Set by the program alone'),
  unit: z.string().optional(),
})

const collection = z.object({
  name: z.string(),
  description: z.string(),
  kind: z.enum(['call', 'part', 'reference']),
  key: z.string(),
  fields: z.array(field),
})

const dataset = z.object({
  name: z.string(),
  description: z.string(),
  formats: z.array(z.string()),
  rowLimit: z.number().nullable(),
  columns: z.array(z.object({ name: z.string(), type: z.string(), description: z.string() })),
  openColumns: z.object({ prefix: z.string(), description: z.string() }).nullable(),
})

export const schemaAnswer = z.object({
  data: z.object({ collections: z.array(collection), datasets: z.array(dataset) }),
})
