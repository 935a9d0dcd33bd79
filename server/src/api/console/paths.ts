/**
 * The addresses of the console's pages. A new page in `console/src/layout/pageList.ts` is added here too, so that the
 * server answers its address.
 */
export const consolePaths = [
  '/',
  '/calls',
  '/calls/:id',
  '/exports',
  '/webhooks',
  '/webhooks/:id',
  '/data',
  '/keys',
  '/status',
  '/settings',
] as const
