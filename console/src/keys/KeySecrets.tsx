import { Button } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Copied } from '../parts/Copied.tsx'
import { Actions, Dialog } from '../parts/Dialog.tsx'
import type { NewKey } from './keysApi.ts'

/** The secrets of a new key, which are shown only once. */
export function KeySecrets({ secrets, onClose }: { secrets: NewKey; onClose: () => void }) {
  const { t } = useI18n()
  return (
    <Dialog title={t('keys.secretTitle')} onClose={onClose} width="40rem">
      <p>{t('keys.secretHelp')}</p>
      <Copied name={t('keys.apiKey')} text={secrets.apiKey} />
      <Copied name={t('keys.hmacSecret')} text={secrets.hmacSecret} />
      <Copied name={t('keys.jwt')} text={secrets.jwt} />
      <Actions>
        <Button onClick={onClose}>{t('parts.done')}</Button>
      </Actions>
    </Dialog>
  )
}
