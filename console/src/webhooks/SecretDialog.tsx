import { Button } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Copied } from '../parts/Copied.tsx'
import { Actions, Dialog } from '../parts/Dialog.tsx'

/** A secret that is shown this once. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useI18n()
  return (
    <Dialog title={t('webhooks.secretTitle')} onClose={onClose}>
      <p>{t('webhooks.secretHelp')}</p>
      <Copied name={t('webhooks.secret')} text={secret} />
      <Actions>
        <Button onClick={onClose}>{t('parts.done')}</Button>
      </Actions>
    </Dialog>
  )
}
