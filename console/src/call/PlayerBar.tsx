import { ActionIcon, Menu } from '@mantine/core'
import { useI18n } from '../i18n/i18n.tsx'
import { Icon } from '../parts/Icon.tsx'
import classes from './Player.module.css'
import { Strip, type StripProps } from './Strip.tsx'
import { skipSeconds, type Player } from './usePlayer.ts'

const speeds = [0.75, 1, 1.25, 1.5, 2]

interface PlayerBarProps extends Omit<StripProps, 'position' | 'onSeek'> {
  player: Player
  hasRecording: boolean
  onReload: () => void
}

/** The player's controls and the strip of speakers; only the strip without a recording. */
export function PlayerBar({ player, hasRecording, onReload, ...strip }: PlayerBarProps) {
  const { t, format } = useI18n()
  return (
    <section className={classes.player} aria-label={t(hasRecording ? 'player.label' : 'player.strip')}>
      {hasRecording && <Controls player={player} />}
      <Strip {...strip} position={player.position} onSeek={player.seek} />
      <span className={`numbers ${classes.time}`}>
        {format.clock(player.position)} <span className="soft">/ {format.clock(strip.length)}</span>
      </span>
      {!hasRecording && <p className={`soft ${classes.note}`}>{t('player.none')}</p>}
      {player.hasFailed && (
        <p className={classes.note} role="alert">
          {t('player.failed')}{' '}
          <button type="button" onClick={onReload}>
            {t('player.reload')}
          </button>
        </p>
      )}
    </section>
  )
}

function Controls({ player }: { player: Player }) {
  const { t, format } = useI18n()
  return (
    <div className={classes.controls}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('player.back')}
        onClick={() => player.seek(player.position - skipSeconds)}
      >
        <Icon name="replay" />
      </ActionIcon>
      <ActionIcon
        size={42}
        radius="xl"
        aria-label={t(player.isPlaying ? 'player.pause' : 'player.play')}
        onClick={player.toggle}
      >
        <Icon name={player.isPlaying ? 'pause' : 'play'} size={22} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('player.forward')}
        onClick={() => player.seek(player.position + skipSeconds)}
      >
        <Icon name="ahead" />
      </ActionIcon>
      <Menu position="bottom-start" width={110} shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <button
            type="button"
            className={`numbers ${classes.speed}`}
            aria-label={`${format.decimal(player.speed)}× ${t('player.speed')}`}
          >
            {format.decimal(player.speed)}×
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {speeds.map((speed) => (
            <Menu.RadioItem
              key={speed}
              value={String(speed)}
              checked={player.speed === speed}
              closeMenuOnClick
              onChange={() => player.setSpeed(speed)}
            >
              {format.decimal(speed)}×
            </Menu.RadioItem>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
