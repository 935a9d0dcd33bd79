import type { LiveState } from '../api/live.ts'
import { useI18n } from '../i18n/i18n.tsx'
import classes from './LiveMark.module.css'

/** Shows whether the page updates live at the moment. */
export function LiveMark({ state }: { state: LiveState }) {
  const { t } = useI18n()
  return (
    <output className={classes.mark} data-state={state} title={t(`live.${state}Help`)}>
      <span className={classes.dot} aria-hidden="true" />
      {state === 'connecting' ? '' : t(`live.${state}`)}
    </output>
  )
}
