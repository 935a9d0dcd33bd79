import { requireScope, type Context } from '../../context.ts'
import { collections } from '../../domain/collections/all.ts'
import { datasets } from '../exports/datasets/all.ts'
import { collectionSchema, type CollectionSchema } from './collectionSchema.ts'
import { datasetSchema, type DatasetSchema } from './datasetSchema.ts'

/** Lists collections of records with their fields, and datasets of exports with their columns. */
export interface Schema {
  collections: CollectionSchema[]
  datasets: DatasetSchema[]
}

export function listSchema(context: Context): Schema {
  requireScope(context, 'calls:read')
  return { collections: collections.map(collectionSchema), datasets: datasets.map(datasetSchema) }
}
