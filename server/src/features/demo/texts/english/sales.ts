import type { TopicScript } from '../script.ts'

export const planUpgrade: TopicScript = {
  opening: [
    'As a good customer you can move from {plan} to {newPlan} at a special price.',
    'Your address in {district} can now get {newPlan}, with an offer for customers.',
  ],
  reaction: ['And how much would that be?', 'Okay, but make it quick.', 'It depends on the price.'],
  steps: [
    {
      always: true,
      agent: [
        'It is {newPrice} a month for the first year. Today you pay {planPrice}.',
        'You would pay {newPrice} a month for a year; now it is {planPrice}.',
      ],
      customer: ["That's not much more.", 'I thought it would be more.'],
    },
    {
      agent: ['How many people use the internet at home?', 'Does anyone work or study from home?'],
      customer: ['There are four of us, always online.', 'My wife works from home and the kids play.'],
    },
    {
      agent: ['It comes with a wifi extender, free of charge.', 'You would also get a new modem with a better range.'],
      customer: ['That would help, it does not reach the back.', "Oh, that's good."],
    },
    {
      always: true,
      agent: [
        'Installation is free and there is no minimum term. Would you like it?',
        'No fee to install and no contract term. Shall we go ahead?',
      ],
      customer: ["All right, let's do it.", 'Okay, you convinced me.'],
    },
  ],
  refusals: [
    {
      agent: [
        'It is {newPrice} a month for the first year. Today you pay {planPrice}.',
        'You would pay {newPrice} a month for a year; now it is {planPrice}.',
      ],
      customer: ["That's more than I pay now.", "I don't want a bigger bill."],
    },
    {
      agent: ['It comes with a wifi extender, free of charge.', 'You would also get a new modem with a better range.'],
      customer: ["The flat is small, I don't need it.", 'The signal is fine here.'],
    },
  ],
  lastOffer: [
    'Installation is free and there is no term. Would you give it a try?',
    'Would you like to try it, just for the first year?',
  ],
  person: [
    {
      agent: [
        'Let me explain the contract. What would you like to know?',
        'I can clear up the details. What are you unsure about?',
      ],
      customer: ['Whether the price goes up later.', 'What happens when the offer ends.'],
    },
    {
      agent: [
        'We tell you a month ahead and you can go back to your plan. Shall we sign it?',
        'You get a notice thirty days before and you decide. Go ahead?',
      ],
      customer: ["That's clear. Okay.", 'Fine by me.'],
    },
  ],
  solved: {
    agent: [
      'Then it is {newPlan} for {newPrice}. The technician comes on {weekday}, {date}, {window}.',
      'The change to {newPlan} is booked; installation on {weekday}, {date}, {window}.',
    ],
    customer: ['Perfect, thank you.', 'Great, thanks for the tip.'],
  },
  unsolved: {
    agent: [
      'I will not insist, {honorific}. The offer stands until {date}.',
      'No problem. You have until {date} if you change your mind.',
    ],
    customer: ['No, thanks, I am fine with what I have.', 'Not now, maybe later.'],
  },
  summary: {
    about: ['Upgrade from {plan} to {newPlan} offered.'],
    solved: ['Takes {newPlan} for {newPrice}; installation on {date}, {window}.'],
    unsolved: ['Not interested for now.'],
  },
}

export const mobileLine: TopicScript = {
  opening: [
    'I would like to offer you a mobile line with {gigas} gigabytes for {mobilePrice} a month.',
    'As a customer of {plan} you can add a line with {gigas} gigabytes for {mobilePrice}.',
  ],
  reaction: ['I already have one with another company.', 'Okay, tell me.'],
  steps: [
    {
      always: true,
      agent: ['How much do you pay for your mobile now?', 'Which company are you with, and how much is it?'],
      customer: ['Around fifteen thousand.', 'About twelve, with very little data.'],
    },
    {
      agent: ['You keep your number; the change takes one working day.', 'Your number stays the same.'],
      customer: ['That is important to me.', 'Oh, good.'],
    },
    {
      agent: ['Calls are unlimited and you can share the data.', 'It includes free minutes and social networks.'],
      customer: ['That sounds good.', 'My daughter could use that.'],
    },
    {
      always: true,
      agent: [
        'We bring the SIM to {district} for free. Would you like it?',
        'Delivery to {district} is free. Shall I set it up?',
      ],
      customer: ["Okay, I'll take it.", 'Yes, when would it arrive?'],
    },
  ],
  refusals: [
    {
      agent: ['How much do you pay for your mobile now?', 'Which company are you with, and how much is it?'],
      customer: ['My employer pays for it.', 'Very little, I am on prepaid.'],
    },
    {
      agent: ['You keep your number and there is no minimum term.', 'Calls are unlimited and you can share the data.'],
      customer: ["I don't really need that.", 'I hardly use my phone.'],
    },
  ],
  lastOffer: ['Would you like to try it for the first month?', 'Maybe it would suit someone in your family?'],
  person: [
    {
      agent: [
        'To bring your number I need you to have no open bills there. Do you?',
        'Is everything paid with your present company?',
      ],
      customer: ["I don't owe them anything.", 'All paid up.'],
    },
    {
      agent: ['Then let us request it now. Delivery to {district}?', 'Great. Shall we deliver it to {district}?'],
      customer: ['Yes, at home.', 'Yes, someone is always in.'],
    },
  ],
  solved: {
    agent: [
      'Your line with {gigas} gigabytes for {mobilePrice} is set. The SIM comes on {weekday}, {date}, {window}.',
      'Perfect, we deliver the SIM on {weekday}, {date}, {window}.',
    ],
    customer: ['Thanks, looking forward to it.', 'Great, thank you.'],
  },
  unsolved: {
    agent: [
      'I understand, {honorific}. The offer stays open until {date}.',
      "No problem. I'll text you the details in case you need them.",
    ],
    customer: ["No, I'm happy with my company.", 'Not now, thank you.'],
  },
  summary: {
    about: ['Mobile line of {gigas} gigabytes for {mobilePrice} offered.'],
    solved: ['Takes the line; SIM on {weekday}, {date}.'],
    unsolved: ['Does not want to change the mobile line.'],
  },
}
