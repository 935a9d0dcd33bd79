import { useRef, useState } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import classes from './Copied.module.css'
import { copyText } from './copyText.ts'

/** A text to copy, such as a secret or a command, with a copy button. */
export function Copied({ name, text }: { name: string; text: string }) {
  const { t } = useI18n()
  const shown = useRef<HTMLPreElement>(null)
  const [outcome, setOutcome] = useState<'' | 'copied' | 'selected'>('')

  async function copy(): Promise<void> {
    if (await copyText(text)) return setOutcome('copied')
    if (shown.current) window.getSelection()?.selectAllChildren(shown.current)
    setOutcome('selected')
  }

  return (
    <div className={classes.copied}>
      <div className={classes.name}>
        <span>{name}</span>
        <span>
          <output className="soft">
            {outcome === 'selected' && t('parts.selected')}
            {outcome === 'copied' && t('parts.copied')}
          </output>
          <button type="button" onClick={() => void copy()} aria-label={t('parts.copyOf', { name })}>
            {t('parts.copy')}
          </button>
        </span>
      </div>
      <pre ref={shown} className={classes.text}>
        <code>{text}</code>
      </pre>
    </div>
  )
}
