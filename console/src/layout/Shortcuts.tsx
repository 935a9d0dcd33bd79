import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { useI18n } from '../i18n/i18n.tsx'
import { Icon } from '../parts/Icon.tsx'
import { isTyping } from '../parts/isTyping.ts'
import { callsPath, pages } from './pageList.ts'
import classes from './Shell.module.css'

/** The time in which the second key after `g` counts. */
const secondKeyMs = 1500

/** The global shortcuts (`/`, `g` and a letter, `?`) and the list of all shortcuts. */
export function Shortcuts({ isOpen, setIsOpen }: { isOpen: boolean; setIsOpen: (isOpen: boolean) => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useKeys(() => setIsOpen(true))
  useEffect(() => {
    if (isOpen) dialog.current?.showModal()
    else dialog.current?.close()
  }, [isOpen])
  const { t } = useI18n()
  return (
    <dialog ref={dialog} className={classes.dialog} aria-labelledby="shortcuts" onClose={() => setIsOpen(false)}>
      <header>
        <h2 id="shortcuts">{t('app.shortcuts')}</h2>
        <button type="button" aria-label={t('app.close')} onClick={() => setIsOpen(false)}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        <Keys keys={['/']} text={t('shortcuts.search')} />
        <Keys keys={['k']} text={t('shortcuts.play')} />
        <Keys keys={['j', 'l']} text={t('shortcuts.seek')} isEither />
        {pages.map(
          ({ path, navigation }) =>
            navigation && <Keys key={path} keys={['g', navigation.shortcut]} text={t(navigation.label)} />,
        )}
        <Keys keys={['?']} text={t('shortcuts.help')} />
      </dl>
    </dialog>
  )
}

function Keys({ keys, text, isEither = false }: { keys: string[]; text: string; isEither?: boolean }) {
  const { t } = useI18n()
  return (
    <div>
      <dt>
        {keys.map((key, index) => (
          <span key={key}>
            {index > 0 && <span className="soft"> {isEither ? '/' : t('shortcuts.then')} </span>}
            <kbd>{key}</kbd>
          </span>
        ))}
      </dt>
      <dd>{text}</dd>
    </div>
  )
}

function useKeys(onHelp: () => void): void {
  const [, navigate] = useLocation()
  const goAt = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (isTyping(event)) return
      if (performance.now() - goAt.current < secondKeyMs) {
        const page = pages.find(({ navigation }) => navigation?.shortcut === event.key)
        if (page) navigate(page.path)
        goAt.current = Number.NEGATIVE_INFINITY
      } else if (event.key === 'g') goAt.current = performance.now()
      else if (event.key === '?') onHelp()
      else if (event.key === '/') {
        event.preventDefault()
        const search = document.querySelector<HTMLInputElement>('input[type=search]')
        if (search) search.focus()
        else navigate(callsPath, { state: { focusSearch: true } })
      }
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [navigate, onHelp])
}
