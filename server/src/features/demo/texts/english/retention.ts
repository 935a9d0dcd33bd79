import type { TopicScript } from '../script.ts'

const why = {
  agent: [
    "I'm sorry to hear that. May I ask for the main reason?",
    'Before we go on, could you tell me why you want to leave?',
  ],
  customer: ["It's too expensive, I was offered the same for less.", 'The price, mostly. I found something cheaper.'],
}

export const cancellation: TopicScript = {
  opening: ["I'd like to cancel my service, please.", "I'm calling to end my contract for {plan}."],
  steps: [
    why,
    {
      agent: ['How much less are they offering, if I may ask?', 'And what speed would you get there?'],
      customer: ['About five thousand pesos less for the same speed.', 'Something like {plan}, but cheaper.'],
    },
    {
      always: true,
      agent: [
        "You've been with us for {years} years. I can offer {plan} for {price} for twelve months.",
        'After {years} years with us, {price} a month for a year. What do you say?',
      ],
      customer: ['And am I tied to a term?', 'With the same speed?'],
    },
    {
      always: true,
      agent: [
        "There's no minimum term and the speed stays the same. You'll get it in writing.",
        'No term, no exit fee and the same speed as today.',
      ],
      customer: ['That changes things.', "Okay, that's better."],
    },
  ],
  refusals: [
    why,
    {
      agent: [
        "You've been with us for {years} years. I can offer {plan} for {price} for twelve months.",
        'After {years} years with us, {price} a month for a year.',
      ],
      customer: ["Too late, I've already signed.", "No, I've made up my mind."],
    },
  ],
  lastOffer: ['Before I file it: would you try a month for free?', 'Is there nothing I can do to keep you?'],
  person: [
    {
      agent: [
        'Let me see what we can do. Is it only the price, or were there faults too?',
        'Apart from the price, have you been happy with us?',
      ],
      customer: ['Only the price, it works well.', 'Mostly fine, just expensive.'],
    },
    {
      agent: [
        'I can improve it: {price} a month and the first month free.',
        'I am allowed to go to {price}, with one month free. What do you think?',
      ],
      customer: ["A free month isn't bad.", 'And I get that in writing?'],
    },
  ],
  solved: {
    agent: [
      'Then I activate the offer: {price} for twelve months. You get a confirmation by e-mail.',
      'Your service stays as it is and you pay {price} from the next bill.',
    ],
    customer: ["All right, I'll stay. Thank you.", 'Deal. Thanks a lot.'],
  },
  unsolved: {
    agent: [
      'I respect that, {honorific}. Your cancellation is {ticket}, effective on {date}.',
      'The cancellation is filed under {ticket}. We pick up the equipment on {weekday}, {date}, {window}.',
    ],
    customer: ["No. It's harder to leave than to sign up.", 'No, I want it cancelled, and no more bills, please.'],
  },
  summary: {
    about: ['Wants to cancel {plan} because of the price.'],
    solved: ['Accepts {price} for twelve months and stays.'],
    unsolved: ['Turns the offer down; cancellation {ticket}, effective {date}.'],
  },
}

export const moving: TopicScript = {
  opening: [
    "I'm moving house and want to take my internet with me.",
    'I need to transfer my service to a new address.',
  ],
  steps: [
    {
      always: true,
      agent: ['Which district are you moving to?', 'May I ask where to?'],
      customer: ['To {newDistrict}.', 'A flat in {newDistrict}.'],
    },
    {
      always: true,
      agent: ['We have fibre in {newDistrict}. From which day?', '{newDistrict} is covered. When do you need it?'],
      customer: ['From {weekday}.', 'On {weekday}, if possible.'],
    },
    {
      agent: [
        'The transfer costs {extra}, charged once. Is that all right?',
        'There is a single fee of {extra}. Shall I book it?',
      ],
      customer: ["That's fine.", 'Yes, book it.'],
    },
    {
      agent: ['Please bring the modem and the TV box along. Do you have them all?', 'Do you have all the equipment?'],
      customer: ['Yes, all of it.', 'Yes, the modem and one box.'],
    },
  ],
  person: [
    {
      agent: ['I am checking the exact address. House or flat?', 'Is it a house or a building?'],
      customer: ['A flat on the twelfth floor.', 'A new building.'],
    },
    {
      agent: [
        'The building has our fibre already. Will an adult be there?',
        "It's wired, so it's quick. Can someone let the technician in?",
      ],
      customer: ["Yes, I'll be there.", 'Yes, my partner will.'],
    },
  ],
  solved: {
    agent: [
      'The transfer to {newDistrict} is booked for {weekday}, {date}, {window}. Ticket {ticket}.',
      'Our technician comes to {newDistrict} on {weekday}, {date}, {window}. Ticket {ticket}.',
    ],
    customer: ['Perfect, thank you.', 'Quicker than I thought. Thanks.'],
  },
  unsolved: {
    agent: [
      'There are no slots for that date, {honorific}. Request {ticket} is on the waiting list.',
      "The building doesn't have access to our fibre yet. I've filed request {ticket}.",
    ],
    customer: ["Then I'll have to sign with somebody else.", "I can't be without internet, I work from home."],
  },
  summary: {
    about: ['Asks to move the service from {district} to {newDistrict}.'],
    solved: ['Transfer booked for {weekday}, {date}, {window}. Ticket {ticket}.'],
    unsolved: ['No date available; request {ticket}.'],
  },
}
