import type { TopicScript } from '../script.ts'

export const unknownCharge: TopicScript = {
  opening: [
    "My bill has a charge of {extra} that I don't recognise.",
    "I'm being charged {extra} for something I never ordered.",
  ],
  steps: [
    {
      agent: ['How is that charge described on the bill?', 'What does it say next to the amount?'],
      customer: ['It says «additional service», nothing else.', 'Just «premium pack».'],
    },
    {
      agent: [
        "It's a channel pack that was activated on {pastDate}. Could someone at home have done it?",
        'That pack was switched on from the remote on {pastDate}. Might it have been someone in the family?',
      ],
      customer: ['No, nobody.', 'Maybe one of the kids, by accident.'],
    },
    {
      always: true,
      agent: [
        'I can switch it off right now so that it is not charged again. Shall I?',
        'Would you like me to cancel it straight away?',
      ],
      customer: ['Yes, please.', 'Of course, take it off.'],
    },
    {
      agent: ['Let me see about a refund. Have you paid this bill yet?', 'Is the bill already paid?'],
      customer: ['Not yet.', 'No, I saw the charge and waited.'],
    },
  ],
  person: [
    {
      agent: ['I am looking at the activation. Did you get a message about it?', 'Was there any e-mail confirming it?'],
      customer: ['No, nothing.', 'None, I found out from the bill.'],
    },
    {
      agent: [
        'Without your confirmation I can credit the {extra}. Is that all right?',
        'You should get the {extra} back. Shall I take it off this bill?',
      ],
      customer: ['Yes, perfect.', 'That works for me.'],
    },
  ],
  solved: {
    agent: [
      'Done: I took off {extra} and your bill is now {amount}. Your ticket is {ticket}.',
      'The {extra} is cancelled. The total is {amount}, ticket {ticket}.',
    ],
    customer: ["That's what I wanted. Thanks.", 'Great, that was easy. Thank you.'],
  },
  unsolved: {
    agent: [
      "The system won't let me cancel it today, {honorific}. Your claim is {ticket}, with an answer by {weekday}, {date}.",
      'Billing has to review it first. The claim is {ticket} and you will hear from us on {weekday}, {date}.',
    ],
    customer: ["So I have to pay for something I didn't order. Not right.", "Then I won't pay until you answer."],
  },
  summary: {
    about: ['Does not recognise a charge of {extra}.'],
    solved: ['Pack cancelled and {extra} credited; total {amount}.'],
    unsolved: ['Billing has to review claim {ticket}; answer by {date}.'],
  },
}

export const priceIncrease: TopicScript = {
  opening: ['My bill went up by {extra} and nobody told me.', 'I want to know why {plan} costs {amount} this month.'],
  steps: [
    {
      agent: [
        'Your welcome discount of {extra} ended in {pastMonth}.',
        'The discount of {extra} ran until {pastMonth}, so you see the regular price.',
      ],
      customer: ['I was never told it would end.', 'I thought that was the normal price.'],
    },
    {
      agent: [
        'We sent a notice by e-mail. Do you still use that address?',
        'A notice went out by e-mail. Do you check it often?',
      ],
      customer: ['I hardly ever read that one.', 'It must have gone to spam.'],
    },
    {
      agent: [
        "You've been with us for {years} years, so there may be a benefit. Shall I check?",
        'After {years} years with us there are offers available. Interested?',
      ],
      customer: ['Yes, tell me.', 'Of course, otherwise I would leave.'],
    },
    {
      always: true,
      agent: [
        'I can give you {plan} for {price} a month for a year. How does that sound?',
        'There is a discount for twelve months: {price} a month.',
      ],
      customer: ["That's more like it.", 'That sounds reasonable.'],
    },
  ],
  refusals: [
    {
      agent: [
        'Your welcome discount of {extra} ended in {pastMonth}.',
        'The discount of {extra} ran until {pastMonth}, so you see the regular price.',
      ],
      customer: ['I was never told it would end.', 'I thought that was the normal price.'],
    },
    {
      agent: [
        'The regular price of {plan} is {amount}, as on your bill.',
        'From this month on it is the regular price, {amount}.',
      ],
      customer: ['And there is no other discount?', "That's a lot. There must be something you can do."],
    },
  ],
  person: [
    {
      agent: [
        "I see you've always paid on time. Would you keep the same speed?",
        'You have a very good record. Is {plan} still right for you?',
      ],
      customer: ['Yes, the speed is fine, it is the price.', 'Yes, I just want to pay what I did before.'],
    },
    {
      agent: [
        'I may go down to {price} a month. Shall I activate it?',
        'I can offer {price} for twelve months, no strings attached.',
      ],
      customer: ['Okay, that works.', 'Yes, please.'],
    },
  ],
  solved: {
    agent: ["From the next bill on you'll pay {price} for {plan}.", "It's applied: {price} a month for twelve months."],
    customer: ['Thank you, much better.', 'Great, I appreciate it.'],
  },
  unsolved: {
    agent: [
      "I'm afraid there is no further discount for your plan, {honorific}.",
      'Sadly I have no offer for {plan} today.',
    ],
    customer: [
      "Then I'll look at other companies, it's too expensive.",
      'New customers get everything and we get a rise. Not fair.',
    ],
  },
  summary: {
    about: ['Asks about an increase of {extra} on the bill.'],
    solved: ['End of discount explained; {price} applied for twelve months.'],
    unsolved: ['No discounts left; the customer is unhappy and may leave.'],
  },
}

export const billCopy: TopicScript = {
  opening: ["My bill hasn't arrived and I don't know how much to pay.", 'I need a copy of my last bill, please.'],
  steps: [
    {
      always: true,
      agent: [
        'It is {amount}, due on {date}. Shall I e-mail it to you?',
        'You have a bill of {amount}, due on {date}. Would you like it by e-mail?',
      ],
      customer: ['Yes, please.', 'By e-mail, yes.'],
    },
    {
      always: true,
      agent: ['Is your e-mail still {email}?', 'I have {email}. Is that right?'],
      customer: ["Yes, that's right.", 'Correct.'],
    },
    {
      agent: ['You can also pay in the app. How do you usually pay?', 'Do you normally pay online?'],
      customer: ['Online, by card.', "With my bank's app."],
    },
    {
      agent: ['I could set up automatic payment for you. Interested?', 'Would you like automatic payment by card?'],
      customer: ['Not for now.', 'No, I prefer to do it myself.'],
    },
  ],
  person: [
    {
      agent: ['Our e-mails were bouncing. Is {email} still valid?', 'The mail was rejected. Can you confirm {email}?'],
      customer: ["Yes, it's valid.", 'Yes, I use it every day.'],
    },
    {
      agent: ["I'm sending it again. Can you see it?", 'I have just sent the bill. Did it arrive?'],
      customer: ['Yes, just now.', "Let me look… yes, it's here."],
    },
  ],
  solved: {
    agent: ['The bill of {amount} is on its way; it is due on {date}.', "I've sent it. Remember: {amount}, by {date}."],
    customer: ['Perfect, thank you.', 'Got it, thanks.'],
  },
  unsolved: {
    agent: [
      "The billing system is unstable and I can't send it now, {honorific}. Your request is {ticket}.",
      "I can't create the copy right now. Request {ticket} will get it to you on {weekday}.",
    ],
    customer: ["Fine, but don't charge me interest for that.", 'I wanted to pay it today. What a pity.'],
  },
  summary: {
    about: ['Asks for a copy of the bill of {amount}.'],
    solved: ['Bill sent by e-mail; due on {date}.'],
    unsolved: ['The copy could not be made; request {ticket}.'],
  },
}
