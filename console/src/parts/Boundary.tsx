import { Component, type ReactNode } from 'react'
import { Failure } from './Failure.tsx'

/** Shows a failure instead of a page that crashed, or whose files an update of the server removed. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return <Failure error={this.state.error} onRetry={() => window.location.reload()} />
  }
}
