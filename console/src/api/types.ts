// The forms of docs/design/console-api.md. Types only: no value, no call.

export type Level = 'off' | 'standby' | 'normal' | 'caution' | 'serious' | 'critical';
export type Role =
  | 'analyst' | 'detective' | 'supervisor' | 'officer' | 'owner' | 'technician' | 'administrator' | 'clerk' | 'auditor' | 'machine';

export interface List<T> { items: T[]; next: string | null }
export interface Named { id: string; name: string }
/** A person or machine that acted; the name is null where it may not be known here. */
export interface Acted { id: string; name: string | null; kind?: string }
export interface Place {
  text: string; lat: number | null; lon: number | null; /** Where it may have been, of what was located with an error. */
  ellipse?: { semi_major_m: number; semi_minor_m: number; bearing_deg: number } | null;
}
export interface Sure { percent: number | null; word: string }

/** Why somebody looks: a purpose's word, and `kind:id` of the case it serves. */
export interface Why { purpose: string; case: string | null }

export interface Notice { notice: string; agency: string | null; minimum_password: number }
export interface Session {
  person: Named; full_name: string; agency: { id: string; name: string; time_zone: string }; roles: Role[];
  second_factor: boolean; second_factor_required: boolean; signed_in_at: string; ends_at: string; idle_min: number;
}
export interface SecondFactor { secret: string; uri: string }
export interface Person {
  id: string; name: string; full_name: string; roles: Role[]; state: 'invited' | 'active' | 'locked' | 'suspended'; second_factor: boolean;
  last_signed_in_at: string | null; invited_until: string | null; version: number;
}
export interface Invitation { token: string; expires_at: string }

export interface Technology { technology: string; title: string; sentence: string; authorised: boolean; authorisation: string | null; until: string | null; reason: string; keeps: KeptClass[] }
export interface KeptClass { data_class: string; title: string; may_be_none: boolean }
export interface Purpose { purpose: string; title: string; needs_case: boolean; prohibited: boolean }
export interface Need { need: string; sentence: string; roles: Role[] }
export type AuthorisationState = 'waiting' | 'not_yet' | 'in_force' | 'suspended' | 'expired';
export interface Authorisation {
  id: string; technology: string; title: string; state: AuthorisationState; effective_at: string; expires_at: string; purposes: string[]; roles: Role[];
  area: [number, number][]; area_text: string; keep_for_days: number; keep_by_class: Record<string, number>; audio: boolean; suspended_at: string | null; suspended_reason: string | null; version: number;
}
export interface Approval { body: string; instrument: string; approved_at: string | null; hearing_at: string | null; comment_until: string | null }
export interface AuthorisationDetail extends Authorisation { approvals: Approval[]; history: { at: string; text: string; by: Acted | null }[] }
export interface AuthorisationProposed {
  technology: string; title: string; bodies: Approval[]; effective_at: string; expires_at: string; purposes: string[]; roles: Role[];
  area: [number, number][]; keep_for_days: number; keep_by_class: Record<string, number>; audio: boolean; note: string;
}
export interface Proposal {
  id: string; kind: 'authorisation' | 'hot_list_entry'; state: 'open' | 'approved' | 'refused' | 'expired'; title: string; sentence: string;
  payload: Record<string, unknown>; proposed_by: Acted; proposed_at: string; expires_at: string; decided_by: Acted | null; decided_at: string | null;
  note: string | null; subject: string | null;
}
export interface Case { id: string; kind: string; number: string; title: string; state: 'open' | 'closed'; provisional_until: string | null; opened_at: string }
export type EntryKind = 'decision' | 'effect' | 'lease' | 'grant_end' | 'revocation' | 'erasure' | 'summary' | 'receipt' | 'policy' | 'restore';
export interface Entry {
  id: string; at: string; kind: EntryKind; actor: { id: string; kind: string; name: string | null }; need: string | null; /** `allowed`, `refused`; for what is no decision a word of its own, or null. */
  result: string | null;
  reason: string | null; sentence: string; technology: string | null; authorisation: string | null; purpose: string | null; case: string | null;
  about: string | null; cause: string | null; leaf_index: number | null;
}
export interface EntryDetail extends Entry {
  explanation: { sentence: string; conditions: { text: string; met: boolean | null }[] }; leaf: string; leaf_hash: string;
  payload: Record<string, unknown> | null; payload_erased: boolean;
  proof: { state: 'waiting' | 'included' | 'broken'; tree_size: number | null; root: string | null; checkpoint: string | null; hashes: string[] | null; trouble: string | null };
}

export interface State { level: Level; word: string; reason: string; since: string | null }
export interface Camera {
  id: string; name: string; technology: string; place: Place; heading_deg: number | null; field_deg: number | null; range_m: number | null; enabled: boolean;
  state: State & { last_frame_at: string | null }; recording: boolean;
  authorisation: string | null; authorised_until: string | null; version: number;
}
export interface CameraNew {
  name: string; technology: string; place: string; lat: number; lon: number; heading_deg: number | null; field_deg: number | null; range_m: number | null; url: string; user: string | null; password: string | null;
}
export interface Timeline { from: string; to: string; ranges: { from: string; to: string; run: number }[]; gaps: { from: string; to: string; reason: string }[] }

export interface CityMap { basemap: { url: string; attribution: string; max_zoom: number } | null; bounds: [number, number, number, number] | null }
export interface Reader {
  id: string; name: string; place: Place; heading_deg: number | null; state: State & { last_read_at: string | null }; authorisation: string | null;
  authorised_until: string | null; version: number;
}
export interface HotList { id: string; name: string; source: 'imported' | 'manual'; entries: number; imported_at: string | null; version: number }
export interface HotListEntry {
  id: string; plate: string; state: string | null; reason: string; vehicle: string | null; entered_at: string; expires_at: string; source: string; version: number;
}
export interface ImportPreview {
  id: string; hot_list: string; state: 'waiting' | 'applied' | 'expired'; rows: number; good: number; bad: number; new: number; changed: number; gone: number;
  bad_rows: { line: number; field: string | null; text: string; reason: string }[]; expires_at: string;
}

export type AlertState = 'waiting' | 'acknowledged' | 'in_review' | 'escalated' | 'confirmed' | 'dismissed';
export interface Alert {
  id: string; kind: string; level: Level; title: string; place: Place; at: string; raised_at: string; deadline_at: string | null; why: string; sure: Sure;
  unknown: string[]; says: string; purpose: string; state: AlertState; /** A person; after escalation a role, by its word. */
  holder: Named | null;
  incident: string | null; seen?: number; lowered?: number; version: number;
}
export interface TypedPlate { plate: string; state: string | null; vehicle: string | null }
export interface Difference { field: 'plate' | 'state' | 'vehicle' | 'expiry'; typed: string | null; entry: string | null; sentence: string }
export interface Review {
  alert: Alert; step: 'picture' | 'entry' | 'done'; opened_at: string; picture: string | null; pictures: string[]; typed: TypedPlate | null;
  read: { plate: string; state: string | null; sure: Sure } | null; entry: HotListEntry | null; agreement: 'match' | 'candidate' | 'mismatch' | null; differences: Difference[];
}
export type LiveReply = 'active' | 'cancelled' | 'no_record' | 'unreachable';
export type DismissReason =
  | 'misread' | 'other_state' | 'other_vehicle' | 'record_cancelled' | 'no_record' | 'entry_expired' | 'duplicate' | 'test' | 'other';

export interface Call { id: string; kind: string; number: string; type: string; place: Place; state: 'open' | 'closed'; taken_at: string }

export interface Incident {
  id: string; number: string; kind: string; level: Level; title: string; place: Place; at: string; opened_at: string; closed_at: string | null;
  state: 'open' | 'assigned' | 'closed'; why: string; sure: Sure; unknown: string[]; says: string; purpose: string; case: string; version: number;
}
export interface IncidentDetail extends Incident {
  timeline: { at: string; text: string; by: Acted | null; level: Level | null }[]; assignments: Assignment[]; outcome: Outcome | null;
  hazards: { text: string; source: string; at: string }[]; cameras: { id: string; name: string; distance_m: number; level: Level }[]; picture: string | null;
  vehicle: string | null; plate: { plate: string; state: string | null } | null;
}
export interface Unit {
  id: string; call_sign: string; state: 'free' | 'assigned' | 'off'; place: Place | null; position_at: string | null; position_stale?: boolean | null;
  heading_deg: number | null; speed_mps: number | null;
  crew: Named[]; version: number;
}
export interface UnitProposed {
  unit: { id: string; call_sign: string }; eta_s: number | null; distance_m: number | null; how: 'road' | 'straight_line'; position_at: string | null; position_stale: boolean | null; sentence: string;
}
export interface UnitsProposed extends List<UnitProposed> { sentence: string }
export type AssignmentState = 'sent' | 'accepted' | 'en_route' | 'on_scene' | 'cleared' | 'cancelled';
export interface Assignment {
  id: string; incident_id: string; unit: { id: string; call_sign: string }; state: AssignmentState; sent_at: string; accepted_at: string | null;
  en_route_at: string | null; on_scene_at: string | null; cleared_at: string | null; warning: { text: string; heard_at: string | null } | null;
  message: string | null; eta_s: number | null; distance_m: number | null; how: 'road' | 'straight_line'; sent_by: Named; version: number;
}
export interface AssignmentMine extends Assignment {
  incident: Pick<Incident, 'id' | 'number' | 'title' | 'level' | 'place' | 'at' | 'why' | 'sure' | 'unknown' | 'says'> & {
    vehicle: string | null; plate: { plate: string; state: string | null } | null;
  };
  picture: string | null;
}
export type OutcomeResult = 'arrest' | 'vehicle_recovered' | 'person_helped' | 'nothing_found' | 'wrong_alert';
export interface Outcome {
  id: string; incident_id: string; results: OutcomeResult[]; arrests: number; charges: string[]; note: string | null; recorded_by: Named; recorded_at: string;
}
