// One person's desk: the selection, what can be done with it, and what is asked before it is done. It draws nothing.
import { post } from '../api/client';
import { LiveIncident } from '../api/live.svelte';
import type { Alert, SeeingCamera } from '../api/types';
import { heldBy, neighbour } from '../alerts/order';
import { open, queue } from '../alerts/queue.svelte';
import type { Shortcut } from '../kit/keys.svelte';
import { router } from '../kit/router.svelte';
import { session } from '../kit/session.svelte';
import { Submission } from '../kit/submission.svelte';
import { reasons } from '../kit/why.svelte';
import { capital } from '../kit/words';
import { spotOf } from '../map/scene';
import { distanceM, type Spot } from '../map/geo';
import { rightNow } from '../follow/ahead';
import { Followed } from '../follow/follow.svelte';
import { FloorData } from './data.svelte';
import { looks, type Offer } from './looks.svelte';
import { MOST, Seeing } from './seeing.svelte';
import { Sights } from './sights.svelte';
import { choosing, selectionOf, stepBack, type Kind } from './selection';
import { underWay, Ways } from './ways.svelte';
import { World } from './world.svelte';

export class Desk {
  readonly data = new FloorData();
  readonly ways = new Ways();
  readonly followed = new Followed();
  readonly seeing = new Seeing();
  readonly sights = new Sights();
  readonly acknowledging = new Submission();
  reviewing = $state.raw<Alert | null>(null);
  dismissing = $state.raw<Alert | null>(null);
  /** The alert this person dismissed last: while it is still chosen, that is said in its place. */
  dismissed = $state.raw<Alert | null>(null);
  sending = $state(false);
  /** Why somebody looks is being asked, for a camera without an incident. */
  asking = $state(false);
  /** How often something was chosen here. */
  chose = $state(0);
  /** A camera somebody asked to look through, beside the right ones. */
  #extra = $state<string | null>(null);
  incident = $state.raw<LiveIncident | null>(null);
  /** Moves the map where somebody asks for it; null while none is shown. */
  go = $state.raw<((spot: Spot) => void) | null>(null);

  readonly selection = $derived(selectionOf(router.query));
  readonly waiting = $derived(open().length);
  readonly alert = $derived.by((): Alert | null => {
    const about = this.selection.about;
    return about?.kind === 'alert' ? (open().find((alert) => alert.id === about.id) ?? null) : null;
  });
  readonly #incidentId = $derived(this.selection.about?.kind === 'incident' ? this.selection.about.id : null);

  /** Where the chosen alert is, as text: an alert that is only told anew asks nothing anew. */
  readonly place = $derived.by((): string | null => {
    const at = this.alert === null ? null : spotOf(this.alert);
    return at === null ? null : `${at.lat} ${at.lon}`;
  });
  readonly right = $derived.by((): readonly SeeingCamera[] => {
    const known = this.data.cameras.value ?? [];
    const found = rightNow(this.incident?.value?.cameras ?? this.seeing.all, this.followed.value, looks.before, MOST);
    const extra = this.#extra ?? (this.selection.about === null && this.selection.thing?.kind === 'camera' ? this.selection.thing.id : null);
    if (extra === null || found.some((camera) => camera.id === extra)) return found;
    const camera = known.find((one) => one.id === extra);
    if (camera === undefined) return found;
    const [from, to] = [spotOf(camera), this.incident?.value ? spotOf(this.incident.value) : this.alert === null ? null : spotOf(this.alert)];
    const distance_m = from !== null && to !== null ? Math.round(distanceM(from, to)) : 0;
    return [...found.slice(0, MOST - 1), { id: camera.id, name: camera.name, distance_m, level: camera.state.level, visibility: 'near', why: 'Chosen on the map.', pixels_per_metre: null }];
  });
  /** Those that look at the place of what is chosen, by id: a followed vehicle's, ahead of it, do not. */
  readonly placed: ReadonlySet<string> = $derived(new Set((this.incident?.value?.cameras ?? this.seeing.all).map((camera) => camera.id)));

  /** What pictures may be opened for now. */
  readonly offer = $derived.by((): Offer | null => {
    const incident = this.incident?.value ?? null;
    if (incident !== null && incident.state !== 'closed') {
      return { key: incident.id, why: { purpose: incident.purpose, case: incident.case }, label: `Incident ${incident.number} · ${capital(incident.title)}`, byThemselves: true };
    }
    const alert = this.alert;
    if (alert !== null) return { key: alert.id, why: { purpose: alert.purpose, case: `alert:${alert.id}` }, label: `${alert.title}, not confirmed`, byThemselves: false };
    const reason = reasons.current;
    if (this.selection.thing?.kind !== 'camera' || reason === null) return null;
    return { key: `${this.selection.thing.id} ${reason.purpose} ${reason.case}`, why: { purpose: reason.purpose, case: reason.case }, label: reason.label, byThemselves: false };
  });
  readonly moment = $derived(this.alert?.at ?? this.incident?.value?.at ?? null);
  readonly docked = $derived(looks.open !== null && looks.open === this.offer?.key ? this.right.map((camera) => camera.id) : []);
  readonly world: World = new World(this.data, () => this.selection, () => this.docked, () => this.incident?.value?.assignments ?? [], () => this.ways.all, this.sights, () => this.followed.value);

  /** The camera whose area is drawn. */
  readonly lookedAt = $derived(session.may('cameras.view') && this.selection.thing?.kind === 'camera' ? this.selection.thing.id : null);
  /** Around what it is said what no camera sees: an incident that is not over. */
  readonly around = $derived.by((): string | null => {
    const incident = this.incident?.value ?? null;
    const at = incident === null || incident.state === 'closed' || !session.may('cameras.view') ? null : spotOf(incident);
    return at === null ? null : `${at.lat} ${at.lon}`;
  });

  readonly followedKey = $derived(this.followed.key(this.incident?.value ?? null));
  readonly underWay = $derived(underWay(this.incident?.value ?? null));
  /** What this person has in hand here, as colleagues are told: what one works on, and the open pictures. */
  readonly inHand = $derived([this.selection.about, ...this.docked.map((id) => ({ kind: 'camera', id }))].flatMap((one) => (one === null ? [] : [`${one.kind}:${one.id}`])).join(' '));

  get things(): World['things'] {
    return this.world.things;
  }

  /** Keep the chosen incident fresh; use as an effect. Another one begins anew. */
  followIncident(): (() => void) | undefined {
    const id = this.#incidentId;
    if (id === null || !session.may('incidents.view')) {
      this.incident = null;
      return undefined;
    }
    const one = new LiveIncident(id);
    this.incident = one;
    return one.follow();
  }

  choose(kind: Kind, id: string): void {
    this.chose += 1;
    if (kind === 'alert' || kind === 'incident') this.#extra = null;
    router.set(choosing({ kind, id }));
  }

  back(): void {
    if (looks.large !== null) looks.large = null;
    else router.set(stepBack(this.selection));
  }

  move(by: number): void {
    const ids = [...open().map((alert) => ({ kind: 'alert' as const, id: alert.id })), ...(this.data.incidents.value ?? []).map((incident) => ({ kind: 'incident' as const, id: incident.id }))];
    const next = neighbour(ids.map((one) => one.id), this.selection.about?.id ?? null, by);
    const found = ids.find((one) => one.id === next);
    if (found === undefined) return;
    this.choose(found.kind, found.id);
    document.getElementById(`card-${found.id}`)?.scrollIntoView({ block: 'nearest' });
  }

  /** Why the chosen alert cannot be reviewed, acknowledged or dismissed by this person now. */
  get noReview(): string | null {
    if (this.alert === null) return 'No alert is chosen.';
    const holder = heldBy(this.alert, session.current?.person.id);
    return session.whyNot('alert.review') ?? (holder === null ? null : `${holder} has it.`);
  }

  get noSend(): string | null {
    const incident = this.incident?.value ?? null;
    if (incident === null) return 'No incident is chosen: a unit is sent to an incident.';
    return session.whyNot('dispatch.assign') ?? (incident.state === 'closed' ? 'The incident is closed.' : null);
  }

  get noLook(): string | null {
    const camera = this.selection.thing?.kind === 'camera';
    return session.whyNot('camera.live') ?? (camera || (this.offer !== null && this.right.length > 0) ? null : 'Nothing that cameras look at is chosen.');
  }

  /** The alert whose read can be looked at: the chosen one, or the one that the chosen incident was. */
  readonly #read = $derived(this.alert?.id ?? this.incident?.value?.alert ?? null);

  get noRead(): string | null {
    return session.whyNot('alert.review') ?? (this.#read === null ? 'Nothing that a plate reader told is chosen.' : null);
  }

  read(): void {
    if (this.noRead === null && this.#read !== null) router.go(`/alerts/${this.#read}/reads`);
  }

  review(): void {
    if (this.noReview === null) this.reviewing = this.alert;
  }

  confirmed(incident: string): void {
    this.reviewing = null;
    this.choose('incident', incident);
    void this.data.incidents.reload();
  }

  dismiss(): void {
    if (this.noReview === null) this.dismissing = this.alert;
  }

  /** It is dismissed: it leaves the queue, and what became of it is said where it stood. */
  gone(alert: Alert): void {
    queue.put(alert);
    this.dismissed = alert;
    this.dismissing = this.reviewing = null;
  }

  acknowledge = async (): Promise<void> => {
    const alert = this.alert;
    if (alert === null || this.noReview !== null) return;
    const answer = await this.acknowledging.run({ id: alert.id }, (key) => post('/alerts/{alert_id}/acknowledge', {}, { path: { alert_id: alert.id }, key }));
    if (answer !== null) queue.put(answer);
  };

  send(): void {
    if (this.noSend === null) this.sending = true;
  }

  /** Open the pictures of what is chosen; the camera looked at comes to them, and large. */
  look(): void {
    if (!session.may('camera.live')) return;
    const thing = this.selection.thing;
    if (thing?.kind === 'camera') {
      this.#extra = thing.id;
      if (this.offer === null) {
        this.asking = true;
        return;
      }
      looks.large = thing.id;
    }
    if (this.offer !== null) looks.show(this.offer);
  }

  /** Why one looks was answered. */
  looked(): void {
    this.asking = false;
    this.look();
  }

  /** The camera of that number, large; pressed again, back among the others. */
  show(number: number): void {
    const camera = this.right[number - 1];
    if (camera === undefined || this.offer === null || !session.may('camera.live')) return;
    looks.show(this.offer);
    looks.large = looks.large === camera.id ? null : camera.id;
  }

  shortcuts(go: () => void): Shortcut[] {
    return [
      { key: 'j', text: 'Next of the queue', act: () => this.move(1) },
      { key: 'k', text: 'Previous of the queue', act: () => this.move(-1) },
      { key: 'Enter', shown: 'Enter', text: 'Open the review', unlisted: true, act: () => this.review() },
      { key: 'c', text: 'Open the review (it never confirms)', why: () => this.noReview, act: () => this.review() },
      { key: 'a', text: 'Acknowledge', why: () => this.noReview, act: () => void this.acknowledge() },
      { key: 'd', text: 'Dismiss, with a reason', why: () => this.noReview, act: () => this.dismiss() },
      { key: 'r', text: 'The read behind it, and its reader’s record', why: () => this.noRead, act: () => this.read() },
      { key: 's', text: 'Send the nearest unit (it asks first)', why: () => this.noSend, act: () => this.send() },
      { key: 'g', text: 'Go there on the map', why: () => (this.world.spot === null ? 'Nothing with a place is chosen.' : null), act: go },
      { key: 'v', text: 'Show the cameras', why: () => this.noLook, act: () => this.look() },
      ...Array.from({ length: 9 }, (_, i): Shortcut => ({
        key: String(i + 1), shown: '1–9', text: 'That camera large, and back', unlisted: i > 0, act: () => this.show(i + 1),
      })),
      { key: 'Escape', shown: 'Esc', text: 'One step back', act: () => this.back() },
    ];
  }
}
