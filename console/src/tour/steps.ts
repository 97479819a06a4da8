// What a tour shows each role: a few things that are there, in the order of the work. Texts only; what it points to is found on the page.
import type { Role } from '../api/types';

export interface Step {
  title: string;
  text: string;
  /** Where it is found: the first of these that can be seen. */
  at: readonly string[];
  /** The view it is on; without one, wherever one is. */
  page?: string;
  /** What to watch for in the demo. */
  demo?: string;
}

const pane = (name: string, tab: string): string[] => [`section[aria-label="${name}"]`, `#tab-${tab}`];
const RAIL: Step = { title: 'Every view', at: ['nav[aria-label="Views"]'], text: 'The rail leads everywhere. What your role does not use is grey and says why when you point at it.' };
const LOCK: Step = {
  title: 'When you leave', at: ['button[aria-label="Lock"]'],
  text: 'L locks the screen at once, Alt L from anywhere. You go on where you were; somebody else may sign in instead. What you hold of the queue goes back to it meanwhile.',
};
const FIND: Step = { title: 'Find anything', at: ['button.search'], text: 'Ctrl K finds a view, an act, a camera, a unit or an incident by its name. The ? key shows every other key.' };
const OWN_LOG: Step = {
  title: 'The log', page: '/audit', at: ['[role="search"][aria-label="Filters"]', 'h1'],
  text: 'What you ask for is written down before it opens, with the answer and its reason. Nobody can take an entry out.',
};

const ANALYST: readonly Step[] = [
  { ...RAIL, page: '/floor' },
  {
    title: 'What waits', page: '/floor', at: pane('Queue', 'queue'), text: 'Alerts, the worst first, each with its age; J and K go through them. Initials say which colleague has one open or has taken it.',
    demo: 'A stolen car passes a reader soon after the start: its alert appears here.',
  },
  { title: 'Where it is', page: '/floor', at: pane('Map', 'map'), text: 'Cameras with what they see, readers, units with their heading. The map never moves by itself: G goes to what is chosen.' },
  {
    title: 'What is chosen', page: '/floor', at: pane('Details', 'details'), text: 'Why, how sure, what is not known. C opens the review: you type the plate you read before the entry is shown. S sends a unit.',
    demo: 'The entry of its live record is up to you: say that it is active.',
  },
  {
    title: 'The right cameras', page: '/floor', at: pane('Video', 'video'), text: 'An incident’s cameras open here, V opens others. Each look is kept with its person, purpose and case. 1 to 9 shows one large.',
    demo: 'Granary Alley is a shop’s camera. Key 5 in the demo’s terminal lets its owner revoke while somebody looks: open it, and see it go dark with the reason.',
  },
  FIND, LOCK,
];

const SUPERVISOR: readonly Step[] = [
  { ...RAIL, page: '/floor' },
  { title: 'What goes up to you', page: '/floor', at: pane('Queue', 'queue'), text: 'An alert that nobody claims in its time comes to you: it is announced and counted in the top bar. You may take any alert over.', demo: 'Leave one of the demo’s alerts alone, and it goes up.' },
  { title: 'Who does what', page: '/floor', at: pane('Details', 'details'), text: 'What is chosen, who has it open, which unit was sent and what came of it. Initials with an eye are colleagues at work.' },
  {
    title: 'What is allowed', page: '/authorisations', at: ['main section.panel', 'main h1'], text: 'Each technology, approved by whom and until when. Nothing else runs. What one person proposes, another approves.',
    demo: 'Key 3 in the demo’s terminal lets an authorisation expire while somebody looks.',
  },
  { title: 'What is looked for', page: '/hot-lists', at: ['main .panel', 'main h1'], text: 'Hot lists: imported with a preview of bad rows, or entry by entry by two persons. Each entry has a reason and an end.' },
  OWN_LOG, LOCK,
];

const ADMINISTRATOR: readonly Step[] = [
  { ...RAIL, page: '/people' },
  { title: 'Who has an account', page: '/people', at: ['main .panel', 'main h1'], text: 'People, their roles, and when they were last here. Suspending somebody ends at once what they have open.' },
  { title: 'Invite people', page: '/people', at: ['main header .row .button'], text: 'An invitation is a one-time link: everybody chooses their own password. Nobody both keeps the machines and sees what they hold.' },
  {
    title: 'Cameras', page: '/cameras', at: ['main header .row', 'main .panel'], text: 'Register one by its stream’s address and say what it sees. You see its state and why, not its pictures.',
    demo: 'Key 4 in the demo’s terminal lets a camera fail and come back.',
  },
  { title: 'Plate readers', page: '/readers', at: ['main header .row', 'main .panel'], text: 'Each has a token of its own. Without an authorisation in force its reads are refused and nothing is kept.' },
  OWN_LOG, LOCK,
];

const OFFICER: readonly Step[] = [
  {
    title: 'What you are sent to', page: '/field', at: ['main .field', 'main'], text: 'An assignment appears here by itself: what, where, why, and how sure. Keep this page open.',
    demo: 'Confirm an alert as analyst and send 3142: it comes here.',
  },
  { title: 'The warning first', page: '/field', at: ['main .field', 'main'], text: 'A warning is read before anything else: slide to say so. Then one large button a step: accept, en route, on scene, clear.' },
  { title: 'Is it sent?', page: '/field', at: ['main .field > header > .muted', 'main .field'], text: 'The line at the top says whether what you pressed has reached the room.' },
  { title: 'By night', page: '/field', at: ['main .field > header .button', 'main .field'], text: 'Night is dim and red, so that your eyes stay used to the dark. Press again for day.' },
  { ...LOCK, text: 'Lock the phone’s page when it leaves your hand. You go on where you were after signing in again.' },
];

const AUDITOR: readonly Step[] = [
  { ...RAIL, page: '/audit' },
  { title: 'Ask the log', page: '/audit', at: ['[role="search"][aria-label="Filters"]'], text: 'Who asked what, when, for which purpose: filter by person, need, answer, time, or one thing such as a camera.' },
  {
    title: 'Read an answer', page: '/audit', at: ['main .panel .scroll', 'main .panel', 'main h1'], text: 'Press the time of an entry: each rule that was asked, and a proof that it is in the log. Refusals are kept too.',
    demo: 'The demo’s people look at cameras under a purpose: each look is here, with its end.',
  },
  { title: 'What was approved', page: '/authorisations', at: ['main section.panel', 'main h1'], text: 'The bodies, the instruments and the days, in a sentence. What is not authorised stands beneath. You may suspend, not approve.' },
  { title: 'Who they are', page: '/people', at: ['main .panel', 'main h1'], text: 'Accounts and roles. Nobody audits and acts; you see the log, never the footage.' },
  LOCK,
];

const DETECTIVE: readonly Step[] = [
  { ...RAIL, page: '/cases' },
  { title: 'Your case first', page: '/cases', at: ['main .panel', 'main h1'], text: 'Every search and every look is for a case. Open one by its number; a number that is of no call or incident ends after 24 hours, unless a supervisor confirms it.', demo: 'Case 26-01412, a stolen vehicle, is open.' },
  { title: 'Say why', page: '/plates', at: ['main .panel', 'main h1'], text: 'Case and purpose are asked for once, before the first search. They stay in sight at the top, go into the log with whatever you open, and end when you say so.' },
  {
    title: 'Where a car was', page: '/plates', at: ['main form', 'main h1'], text: 'Then type a plate. What looks alike is found too; each read has its picture, its age and how sure the reader was. A plate names a car, never a person.',
    demo: 'Once the stolen car has passed a reader, search for QZ04417.',
  },
  { title: 'What a camera saw', page: '/cameras', at: ['main .panel', 'main h1'], text: 'Open a camera for the same case: the live picture, and below it the last minutes, played or stepped frame by frame. A gap says why it is one.' },
  OWN_LOG, LOCK,
];

const TECHNICIAN: readonly Step[] = [
  { ...RAIL, page: '/cameras' },
  {
    title: 'What is dark, and why', page: '/cameras', at: ['main .panel', 'main h1'], text: 'Each camera’s state in two words, the reason in a sentence, and since when: no answer, password refused, no picture. You see states, not pictures.',
    demo: 'Key 4 in the demo’s terminal lets a camera fail and come back.',
  },
  { title: 'Register and mend', page: '/cameras', at: ['main header .row', 'main .panel'], text: 'Register a camera by its stream’s address. On its own page you change how it is reached and what it sees. Addresses and passwords are never shown again.' },
  { title: 'Dark by the rules', page: '/authorisations', at: ['main section.panel', 'main h1'], text: 'A camera or reader whose technology is not authorised for its place does not run, and no cable mends it. Here is what is allowed, where, and until when.' },
  { title: 'Plate readers', page: '/readers', at: ['main header .row', 'main .panel'], text: 'Each has a token of its own; a new token ends the one before. Without an authorisation in force its reads are refused and nothing is kept.' },
  OWN_LOG, LOCK,
];

const CLERK: readonly Step[] = [
  { ...RAIL, page: '/authorisations' },
  {
    title: 'What is allowed', page: '/authorisations', at: ['main section.panel', 'main h1'], text: 'Each technology in a sentence: which bodies approved it, by which instrument, for what, until when. What is not authorised stands beneath, and does not run.',
    demo: 'Key 3 in the demo’s terminal brings one into force for a minute and a half, and lets it expire.',
  },
  { title: 'Write down a decision', page: '/authorisations/new', at: ['main form', 'main h1'], text: 'What the body decided: instrument, hearing, days, purposes, area, how long data is kept. How it will read stands below as you type.' },
  { title: 'A second person', page: '/authorisations', at: ['main header .row', 'main h1'], text: 'What you propose comes into force when a supervisor or another clerk approves it. Until then it stands on this page, with how long it waits.' },
  { title: 'Whose yes it needs', page: '/authorisations', at: ['section[aria-label="Whose approval is required"]', 'main h1'], text: 'Where the law wants several bodies, have them required: every authorisation of that technology then waits until the yes of each is recorded.' },
  OWN_LOG, LOCK,
];

// An owner may ask for nothing yet, so there is nothing to show them.
const TOURS: readonly (readonly [Role, readonly Step[]])[] = [
  ['supervisor', SUPERVISOR], ['analyst', ANALYST], ['detective', DETECTIVE], ['officer', OFFICER], ['auditor', AUDITOR], ['administrator', ADMINISTRATOR],
  ['technician', TECHNICIAN], ['clerk', CLERK],
];

/** The tour of the first of these roles that has one; none for the others. */
export function tourOf(roles: readonly string[]): readonly Step[] {
  return TOURS.find(([role]) => roles.includes(role))?.[1] ?? [];
}
