/** The store's definite no. */
export class S3Refusal extends Error {
  override name = 'S3Refusal'
  readonly status: number
  /** The store's word for the reason, such as NoSuchKey; empty when it gave none. */
  readonly code: string

  constructor(status: number, code: string) {
    super(`The store of files answered ${status}${code === '' ? '' : ` ${code}`}.`)
    this.status = status
    this.code = code
  }
}
