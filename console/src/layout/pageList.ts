import { lazy, type ComponentType } from 'react'
import type { Scope } from '../api/session.tsx'
import type { MessageKey } from '../i18n/en.ts'
import type { IconName } from '../parts/Icon.tsx'

/** A page of the console. */
export interface Page {
  /** Its address; the server must know its first part, too (`server/src/api/console/paths.ts`). */
  path: string
  component: ComponentType
  /** Its place in the navigation, for those who have the scope; pages without one are reached from others. */
  navigation?: { label: MessageKey; icon: IconName; scope?: Scope; shortcut: string }
}

/** Every page, in the order of the navigation, each loaded when it is opened first. */
export const pages: readonly Page[] = [
  {
    path: '/',
    component: lazy(() => import('../overview/OverviewPage.tsx').then((module) => ({ default: module.OverviewPage }))),
    navigation: { label: 'nav.overview', icon: 'overview', scope: 'analytics:read', shortcut: 'o' },
  },
  {
    path: '/calls',
    component: lazy(() => import('../calls/CallsPage.tsx').then((module) => ({ default: module.CallsPage }))),
    navigation: { label: 'nav.calls', icon: 'calls', scope: 'calls:read', shortcut: 'c' },
  },
  {
    path: '/calls/:id',
    component: lazy(() => import('../call/CallPage.tsx').then((module) => ({ default: module.CallPage }))),
  },
  {
    path: '/exports',
    component: lazy(() => import('../exports/ExportsPage.tsx').then((module) => ({ default: module.ExportsPage }))),
    navigation: { label: 'nav.exports', icon: 'exports', scope: 'analytics:export', shortcut: 'e' },
  },
  {
    path: '/webhooks',
    component: lazy(() => import('../webhooks/WebhooksPage.tsx').then((module) => ({ default: module.WebhooksPage }))),
    navigation: { label: 'nav.webhooks', icon: 'webhooks', scope: 'webhooks:manage', shortcut: 'w' },
  },
  {
    path: '/webhooks/:id',
    component: lazy(() => import('../webhooks/EndpointPage.tsx').then((module) => ({ default: module.EndpointPage }))),
  },
  {
    path: '/data',
    component: lazy(() => import('../data/DataPage.tsx').then((module) => ({ default: module.DataPage }))),
    navigation: { label: 'nav.data', icon: 'data', scope: 'admin', shortcut: 'd' },
  },
  {
    path: '/keys',
    component: lazy(() => import('../keys/KeysPage.tsx').then((module) => ({ default: module.KeysPage }))),
    navigation: { label: 'nav.keys', icon: 'keys', scope: 'admin', shortcut: 'a' },
  },
  {
    path: '/status',
    component: lazy(() => import('../health/HealthPage.tsx').then((module) => ({ default: module.HealthPage }))),
    navigation: { label: 'nav.health', icon: 'health', scope: 'admin', shortcut: 'h' },
  },
  {
    path: '/settings',
    component: lazy(() => import('../settings/SettingsPage.tsx').then((module) => ({ default: module.SettingsPage }))),
    navigation: { label: 'nav.settings', icon: 'settings', shortcut: 's' },
  },
]

/** Where a search of the calls is. */
export const callsPath = '/calls'
