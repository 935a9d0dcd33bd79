import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { listSchema, type Schema } from './listSchema.ts'

/**
 * Returns the collection and the dataset with a name; one of them may be missing. Throws RESOURCE_NOT_FOUND when both
 * are.
 */
export function getSchema(context: Context, name: string): Schema {
  requireScope(context, 'calls:read')
  const { collections, datasets } = listSchema(context)
  const found: Schema = {
    collections: collections.filter((collection) => collection.name === name),
    datasets: datasets.filter((dataset) => dataset.name === name),
  }
  if (found.collections.length + found.datasets.length > 0) return found
  throw new AppError(
    'RESOURCE_NOT_FOUND',
    `There is no collection or dataset ${JSON.stringify(name.slice(0, 64))}; GET /v1/schema lists them.`,
  )
}
