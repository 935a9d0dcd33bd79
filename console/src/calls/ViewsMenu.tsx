import { ActionIcon, Button, Popover, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useI18n } from '../i18n/i18n.tsx'
import { Icon } from '../parts/Icon.tsx'
import classes from './CallsPage.module.css'
import { useSavedViews } from './savedViews.ts'
import { addressOf, viewOf, type CallsView } from './view.ts'

/** The saved views: open, save and remove them. */
export function ViewsMenu({ view, onShow }: { view: CallsView; onShow: (view: CallsView) => void }) {
  const { t } = useI18n()
  const { views, save, remove } = useSavedViews()
  const [isOpen, setIsOpen] = useState(false)
  const [name, setName] = useState('')

  function submit(event: FormEvent): void {
    event.preventDefault()
    save({ name: name.trim(), address: addressOf({ ...view, page: 1, after: '' }).toString() })
    setName('')
  }

  return (
    <Popover position="bottom-end" shadow="md" width={280} trapFocus opened={isOpen} onChange={setIsOpen}>
      <Popover.Target>
        <Button
          variant="default"
          size="sm"
          leftSection={<Icon name="bookmark" size={16} />}
          onClick={() => setIsOpen(!isOpen)}
        >
          {t('calls.views')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        {views.length === 0 && <p className="soft">{t('calls.noViews')}</p>}
        {views.map((saved) => (
          <div key={saved.name} className={classes.view}>
            <Button
              variant="subtle"
              color="gray"
              size="sm"
              justify="flex-start"
              onClick={() => {
                onShow(viewOf(new URLSearchParams(saved.address)))
                setIsOpen(false)
              }}
            >
              {saved.name}
            </Button>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('calls.removeView', { name: saved.name })}
              onClick={() => remove(saved.name)}
            >
              <Icon name="trash" size={16} />
            </ActionIcon>
          </div>
        ))}
        <form className={classes.viewForm} onSubmit={submit}>
          <TextInput
            size="sm"
            label={t('calls.saveView')}
            placeholder={t('calls.viewName')}
            required
            withAsterisk={false}
            maxLength={60}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" disabled={name.trim() === ''}>
            {t('calls.save')}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
