export type Language = 'spanish' | 'english'

/** Ways to say one thing. Slots in braces are filled in: `{honorific}`, `{amount}` … (see `slots.ts`). */
export type Lines = readonly string[]

/** The agent says one of these, the customer answers with one of those; every answer fits every way of asking. */
export interface Exchange {
  agent: Lines
  customer: Lines
}

/** A step of the talk; one that is `always` taken carries what comes after it. */
export interface Step extends Exchange {
  always?: true
}

/** The talk about one topic in one language. */
export interface TopicScript {
  /** Why there is a call: the customer's problem, or the reason for which the agent calls. */
  opening: Lines
  /** The customer's first answer, where the agent calls. */
  reaction?: Lines
  /** Steps on the way, in order; a call takes some of them, so each stands for itself. */
  steps: readonly Step[]
  /** The steps instead, where the call ends unsolved. */
  refusals?: readonly Step[]
  /** The question after which the customer says no (`unsolved.customer`), and the agent takes it (`unsolved.agent`). */
  lastOffer?: Lines
  /** What a person asks after a transfer: the first where it ends unsolved, the last or both where it is solved. */
  person: readonly Exchange[]
  solved: Exchange
  unsolved: Exchange
  summary: { about: Lines; solved: Lines; unsolved: Lines }
}

/** What is said on every call, in one language. */
export interface CommonScript {
  /** Inbound: who are you, and then what is it about. */
  welcome: Lines
  name: Lines
  askIdentity: Lines
  giveIdentity: Lines
  askMatter: Lines
  askMatterUnknown: Lines
  /** Inbound: what is it about, and then who are you. */
  welcomeMatter: Lines
  nameBefore: Lines
  askIdentityAfter: Lines
  /** The same after words of comfort, which have used the name. */
  askIdentityComforted: Lines
  /** Outbound. */
  askPerson: Lines
  confirmPerson: Lines
  introduce: Lines
  askDigits: Lines
  giveDigits: Lines
  thankDigits: Lines
  wrongPerson: Lines
  excuseWrong: Lines
  acceptWrong: Lines
  busy: Lines
  machine: Lines
  message: Lines
  /** A displeased customer, and how the agent takes it. */
  complaint: Lines
  complaintOutbound: Lines
  comfort: Lines
  comfortOutbound: Lines
  hold: Exchange
  afterHold: Lines
  transfer: Exchange
  personHere: Lines
  anythingElse: Lines
  nothingElse: Lines
  callback: Exchange
  callbackOutbound: Exchange
  callbackDone: Lines
  farewell: Lines
  farewellOutbound: Lines
  farewellSorry: Lines
  farewellDeclined: Lines
  farewellLeaving: Lines
  hangUp: Lines
  surveyIntroduction: Lines
  surveyThanks: Lines
  outcomes: {
    callback: Lines
    noAnswer: Lines
    voicemail: Lines
    unreachable: Lines
    hangUp: Lines
    queueAbandoned: Lines
    wrongNumber: Lines
    error: Lines
    transferred: Lines
    active: Lines
  }
  /** Headings of a summary of several lines: matter, handling, result. */
  headings: readonly [string, string, string]
}
