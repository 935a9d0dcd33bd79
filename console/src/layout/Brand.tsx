import classes from './Shell.module.css'

/** The logo and the name. */
export function Brand() {
  return (
    <span className={classes.mark}>
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#0b7a75" />
        <g stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
          <path d="M8 13.5v5M12.5 10v12M17 6.5v19M21.5 11.5v9M26 14.5v3" />
        </g>
      </svg>
      Earshot
    </span>
  )
}
