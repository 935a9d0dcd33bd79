import { Button } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Copied } from '../parts/Copied.tsx'
import { Actions, Dialog } from '../parts/Dialog.tsx'

/** A password that is to be given to somebody. */
export interface Handover {
  email: string
  password: string
}

/** Shows a new password, this once. */
export function PasswordOnce({ handover, onClose }: { handover: Handover; onClose: () => void }) {
  const { t } = useI18n()
  return (
    <Dialog title={t('settings.resetPassword')} onClose={onClose} width="28rem">
      <p>{t('settings.passwordOnce', { email: handover.email })}</p>
      <Copied name={t('signIn.password')} text={handover.password} />
      <Actions>
        <Button onClick={onClose}>{t('parts.done')}</Button>
      </Actions>
    </Dialog>
  )
}
