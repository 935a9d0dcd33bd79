/** The store refused the request, and a retry would not help. */
export class S3Refusal extends Error {
  override name = 'S3Refusal'
  readonly status: number
  /** The error code of the store, such as NoSuchKey; empty when it sent none. */
  readonly code: string

  constructor(status: number, code: string) {
    super(`The store of files answered ${status}${code === '' ? '' : ` ${code}`}.`)
    this.status = status
    this.code = code
  }
}
