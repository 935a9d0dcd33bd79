import { useCallback, useEffect, useRef, useState } from 'react'
import { isTyping } from '../parts/isTyping.ts'

/** The state and the actions of the player. */
export interface Player {
  /** The position in seconds. */
  position: number
  isPlaying: boolean
  hasFailed: boolean
  speed: number
  setSpeed: (speed: number) => void
  toggle: () => void
  seek: (seconds: number) => void
  /** Seeks and plays. */
  playFrom: (seconds: number) => void
}

export const skipSeconds = 5
const speedKey = 'earshot.player.speed'

/** A player for the audio at an address; without one, only the position changes. */
export function usePlayer(url: string | undefined): Player {
  const audio = useRef<HTMLAudioElement>(undefined)
  const [position, setPosition] = useState(0)
  const [isPlaying, setIsPlaying] = useState(false)
  const [hasFailed, setHasFailed] = useState(false)
  const [speed, setSpeed] = useState(() => Number(localStorage.getItem(speedKey)) || 1)

  useEffect(() => {
    if (url === undefined) return undefined
    const element = new Audio()
    element.preload = 'metadata'
    const gone = new AbortController()
    const on = (event: string, listener: () => void) =>
      element.addEventListener(event, listener, { signal: gone.signal })
    on('timeupdate', () => setPosition(element.currentTime))
    on('play', () => setIsPlaying(true))
    on('pause', () => setIsPlaying(false))
    on('error', () => setHasFailed(true))
    element.src = url
    audio.current = element
    setHasFailed(false)
    return () => {
      gone.abort()
      element.pause()
      element.removeAttribute('src')
      audio.current = undefined
    }
  }, [url])

  useEffect(() => {
    localStorage.setItem(speedKey, String(speed))
    // A new source starts at the default speed.
    if (audio.current) audio.current.defaultPlaybackRate = audio.current.playbackRate = speed
  }, [speed, url])

  const seek = useCallback((seconds: number) => {
    const place = Math.max(0, seconds)
    if (audio.current) audio.current.currentTime = place
    setPosition(place)
  }, [])
  const play = useCallback(() => {
    // A browser that refuses to play fires the events `pause` and `error`.
    audio.current?.play().catch(() => setIsPlaying(false))
  }, [])
  const toggle = useCallback(() => {
    if (audio.current?.paused) play()
    else audio.current?.pause()
  }, [play])
  const playFrom = useCallback(
    (seconds: number) => {
      seek(seconds)
      play()
    },
    [seek, play],
  )
  usePlayerKeys({ toggle, seek, position })
  return { position, isPlaying, hasFailed, speed, setSpeed, toggle, seek, playFrom }
}

/** `k` plays and pauses, `j` and `l` seek back and forward. */
function usePlayerKeys({ toggle, seek, position }: Pick<Player, 'toggle' | 'seek' | 'position'>): void {
  const latest = useRef({ toggle, seek, position })
  useEffect(() => {
    latest.current = { toggle, seek, position }
  })
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (isTyping(event)) return
      const player = latest.current
      if (event.key === 'k') player.toggle()
      else if (event.key === 'j') player.seek(player.position - skipSeconds)
      else if (event.key === 'l') player.seek(player.position + skipSeconds)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])
}
