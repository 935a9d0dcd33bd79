import type { TopicScript } from '../script.ts'

export const overdueBill: TopicScript = {
  opening: [
    "I'm calling because your bill of {amount}, due on {pastDate}, is still open.",
    'It is about an open balance of {amount} that was due on {pastDate}.',
  ],
  reaction: ['Oh yes, I missed the date.', 'Really? I thought it was paid.', "I know, I haven't been paid yet."],
  steps: [
    {
      always: true,
      agent: ['Is there a day on which you could settle it?', 'When do you think you could pay the {amount}?'],
      customer: ['I get paid on {weekday}, so then.', 'On {weekday}, I think.'],
    },
    {
      agent: [
        'Paying before the cut saves you the fee of {extra}. Do you know where to pay?',
        'There is no fee if you pay before the cut. Do you know how to pay?',
      ],
      customer: ['In the app.', 'Yes, through my bank.'],
    },
    {
      agent: ['Shall I send the payment link to {email}?', 'May I text you the payment link?'],
      customer: ['Yes, please.', 'Sure, so I do not forget.'],
    },
    {
      agent: ['Would you pay it in full or in two parts?', 'You could also pay half now. Which do you prefer?'],
      customer: ['In full.', 'All at once, to be done with it.'],
    },
  ],
  refusals: [
    {
      agent: ['Is there a day on which you could settle it?', 'When do you think you could pay the {amount}?'],
      customer: ["I don't know yet.", "I really can't say."],
    },
    {
      agent: ['Could you pay a part of it now?', 'Would half of it this week be possible?'],
      customer: ['No, not this month.', "I can't pay anything right now."],
    },
  ],
  lastOffer: [
    'To keep the service on, shall I note down {weekday}, {date}?',
    'May I put down {date} as the day of payment?',
  ],
  person: [
    {
      agent: [
        "You've always paid on time. Did something happen this month?",
        'Is there a reason for the delay, so that I can help?',
      ],
      customer: ['I had a medical bill to pay.', 'I changed jobs last month.'],
    },
    {
      agent: [
        'I can move the cut to {weekday}, {date}. Does that help?',
        'You have until {weekday}, {date} without a suspension. All right?',
      ],
      customer: ['That helps a lot.', 'Yes, that works.'],
    },
  ],
  solved: {
    agent: [
      'Then I note your promise to pay {amount} on {weekday}, {date}.',
      "It's noted: {amount} on {weekday}, {date}. Your service stays on.",
    ],
    customer: ['Okay, thanks for letting me know.', "I'll pay that day. Thank you."],
  },
  unsolved: {
    agent: [
      'Then I note that there is no date for now. The service may be suspended on {date}.',
      'I understand. Without a date the service may be suspended on {date}.',
    ],
    customer: ["Do what you want, I don't have the money.", "I won't promise something I can't keep."],
  },
  summary: {
    about: ['Overdue bill of {amount}, due on {pastDate}.'],
    solved: ['Promises to pay on {weekday}, {date}.'],
    unsolved: ['Gives no date for the payment.'],
  },
}

export const paymentPlan: TopicScript = {
  opening: [
    'You have {months} open bills, {debt} in all, and I would like to offer you a payment plan.',
    'There is a balance of {debt} from {months} bills. We have a plan in instalments that may help.',
  ],
  reaction: ['All right, how would that work?', "I know I'm behind. How many instalments?"],
  steps: [
    {
      always: true,
      agent: [
        'It would be three instalments of {installment}, without interest. Does that work?',
        'Three payments of {installment} each, no interest. How does that sound?',
      ],
      customer: ['Three I can do.', 'That sounds reasonable.'],
    },
    {
      agent: [
        'The first one is due on {date}. Is that a good day?',
        'The first would be on {weekday}, {date}. Does that suit you?',
      ],
      customer: ['Yes, I will have been paid by then.', "Yes, that's fine."],
    },
    {
      agent: [
        'Please note that the plan ends if an instalment is late.',
        'It is important to pay each one on time, or the plan is void.',
      ],
      customer: ['I understand.', "I won't be late."],
    },
    {
      agent: ["I'll send it to {email}. Is that correct?", 'May I mail the document to {email}?'],
      customer: ["Yes, that's the one.", 'Correct.'],
    },
  ],
  refusals: [
    {
      agent: [
        'It would be three instalments of {installment}, without interest.',
        'Three payments of {installment} each, no interest.',
      ],
      customer: ["That's still a lot for me.", "I can't afford that."],
    },
    {
      agent: ['The first one would only be due on {date}.', 'We can leave the first one for {weekday}, {date}.'],
      customer: ["I don't know how I'll be doing by then.", "I can't promise anything."],
    },
  ],
  lastOffer: ['So, shall we set it up or would you rather think about it?', 'Would you like me to file the plan?'],
  person: [
    {
      agent: ['I looked at your case. How much could you pay a month?', 'What monthly amount would suit you?'],
      customer: ['About {installment}.', 'No more than {installment}.'],
    },
    {
      agent: [
        'Then it is {installment} each, and I waive the fees. Shall we?',
        "I'll take off the collection fees and leave it at {installment}. All right?",
      ],
      customer: ['Yes, agreed.', "Yes, let's do it."],
    },
  ],
  solved: {
    agent: [
      'The plan is active under {ticket}: three instalments of {installment}.',
      'Plan {ticket} is set up. The first payment is due on {weekday}, {date}.',
    ],
    customer: ["Thank you, that's a load off my mind.", 'Great, thanks for the help.'],
  },
  unsolved: {
    agent: [
      'I understand. The offer stands until {date}.',
      "I'll note that you don't take it. You can call us until {date}.",
    ],
    customer: ["I can't pay that, I'm out of work.", 'No, thank you.'],
  },
  summary: {
    about: ['Payment plan offered for {debt} ({months} bills).'],
    solved: ['Accepts three instalments of {installment}; plan {ticket}.'],
    unsolved: ['Does not take the plan.'],
  },
}
