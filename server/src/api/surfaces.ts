import { adminSurface } from './admin/routes.ts'
import { analyticsSurface } from './analytics/routes.ts'
import { callsSurface } from './calls/routes.ts'
import { changesSurface } from './changes/routes.ts'
import { consoleSurface } from './console/routes.ts'
import { datasetsSurface } from './datasets/routes.ts'
import { exportJobsSurface } from './exportJobs/routes.ts'
import { exportsSurface } from './exports/routes.ts'
import { feedSurface } from './feed/routes.ts'
import { filesSurface } from './files/routes.ts'
import { healthSurface } from './health/routes.ts'
import { ingestSurface } from './ingest/routes.ts'
import { recordsSurface } from './records/routes.ts'
import { schemaSurface } from './schema/routes.ts'
import { sessionSurface } from './session/routes.ts'
import { webhooksSurface } from './webhooks/routes.ts'
import type { Surface } from './http/surface.ts'

/** All groups of routes. */
export const surfaces: readonly Surface[] = [
  consoleSurface,
  healthSurface,
  adminSurface,
  sessionSurface,
  ingestSurface,
  recordsSurface,
  changesSurface,
  schemaSurface,
  exportsSurface,
  analyticsSurface,
  datasetsSurface,
  exportJobsSurface,
  feedSurface,
  filesSurface,
  callsSurface,
  webhooksSurface,
]
