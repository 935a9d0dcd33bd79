import { adminSurface } from './admin/routes.ts'
import { exportsSurface } from './exports/routes.ts'
import { filesSurface } from './files/routes.ts'
import { healthSurface } from './health/routes.ts'
import { homeSurface } from './home/routes.ts'
import { ingestSurface } from './ingest/routes.ts'
import { recordsSurface } from './records/routes.ts'
import type { Surface } from './surface.ts'

/** Every group of routes that the server has. */
export const surfaces: readonly Surface[] = [
  homeSurface,
  healthSurface,
  adminSurface,
  ingestSurface,
  recordsSurface,
  exportsSurface,
  filesSurface,
]
