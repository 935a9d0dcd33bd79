/** A stored file for download. */
export interface LinkedFile {
  key: string
  name: string
  contentType: string
  bytes: number
  /** Hexadecimal. */
  sha256: string
}
