import { Suspense } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Boundary } from '../parts/Boundary.tsx'
import { Notice } from '../parts/Notice.tsx'
import { callsPath, pages } from './pageList.ts'

/** Shows the page of the current address. */
export function Pages() {
  const { t } = useI18n()
  const [path] = useLocation()
  return (
    <Boundary key={path}>
      <Suspense fallback={null}>
        <Switch>
          {pages.map(({ path, component }) => (
            <Route key={path} path={path} component={component} />
          ))}
          <Route>
            <Notice title={t('app.notFound')}>
              <p className="soft">{t('app.notFoundHelp')}</p>
              <Link href={callsPath}>{t('app.toCalls')}</Link>
            </Notice>
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  )
}
