/** A file that is kept, as whoever may read it gets it. */
export interface LinkedFile {
  key: string
  name: string
  contentType: string
  bytes: number
  /** Hexadecimal. */
  sha256: string
}
