"""An entry of the log in one sentence, and who acted in it, from the leaf alone. Pure; why it was answered so is in `explain.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Final

from watchfloor.governance.actors import NO_AGENCY, process_actor
from watchfloor.governance.explain import CONDITIONS, OF_ROWS
from watchfloor.governance.model import ActorKind
from watchfloor.governance.needs import Need
from watchfloor.governance.words import Role
from watchfloor.kit.canonical import Json
from watchfloor.kit.clock import parse_rfc3339
from watchfloor.kit.said import moment

# Our processes, as a sentence begins with them.
PROCESSES: Final = {
    "serve": "The server",
    "record": "The recorder",
    "gate": "The gate of edge boxes",
    "sense": "The matcher of plate reads",
    "hear": "The reckoning of sounds",
    "sweep": "The sweep",
    "ledger": "The ledger",
    "check": "A check from the terminal",
    "first_start": "The first start",
    "terminal": "Somebody at the center’s terminal",
    "restore": "Somebody at the center’s terminal",
}
_PROCESS: Final = {str(process_actor(NO_AGENCY, name).id): name for name in PROCESSES}

# What was done, by the name that the entry has; “who” stands before it.
DEEDS: Final = {
    "agency.named": "named the agency and set its time zone",
    "alert_budget.approved": "approved a budget of false alerts",
    "alert_budget.in_force": "put a budget of false alerts into force",
    "alert_budget.proposed": "proposed a budget of false alerts",
    "alert_budget.refused": "refused a proposed budget of false alerts",
    "alert.acknowledged": "acknowledged an alert",
    "alert.came_back": "put a dismissed alert of a sound into the queue again, for much more of it was heard since",
    "alert.confirmed": "confirmed an alert",
    "alert.closed_by_rule": "closed an alert whose entry answers no more",
    "alert.dismissed": "dismissed an alert",
    "alert.entry_shown": "was shown the hot-list entry of an alert",
    "alert.escalated": "handed an alert that nobody claimed in its time to the supervisor",
    "alert.found_wrong": "found an alert wrong by its outcome",
    "alert.kept_back": "kept a located sound back: it is less likely gunfire than what the room lets be raised",
    "alert.not_confirmed": "could not confirm an alert: something it must rest on was missing",
    "alert.picture_shown": "was shown the picture of an alert",
    "alert.reads_shown": "was shown the reads behind an alert",
    "alert.raised": "raised an alert",
    "alert.raised_by_hand": "raised a located sound that was kept back",
    "alert.released": "gave back an alert whose holder had signed out",
    "alert.revised": "revised an alert of a sound",
    "alert.review_opened": "opened the review of an alert",
    "alert.seen_again": "added another hit to an alert",
    "alert.taken_over": "took over an alert from a colleague",
    "alert.typed": "typed what the picture of an alert shows",
    "assignment.accepted": "accepted an assignment",
    "assignment.cancelled": "cancelled an assignment",
    "assignment.cleared": "reported an assignment cleared",
    "assignment.en_route": "reported to be en route",
    "assignment.on_scene": "reported to be on scene",
    "agreement.agreed": "agreed when a camera of theirs is seen",
    "agreement.changed": "changed when a camera of theirs is seen",
    "agreement.footage_deleted": "deleted the footage of a camera whose owner revoked",
    "agreement.no": "said no to a look at a camera of theirs",
    "agreement.offered": "offered an agreement to the owner of a camera",
    "agreement.resumed": "let a camera of theirs be seen again",
    "agreement.revoked": "revoked the agreement about a camera of theirs",
    "agreement.suspended": "suspended a camera of theirs",
    "agreement.yes": "said yes to a look at a camera of theirs",
    "agreement.yes_asked": "asked an owner for a yes",
    "authorisation.approved": "approved a proposed authorisation",
    "authorisation.body_approved": "confirmed that a body approved an authorisation",
    "authorisation.expires_soon": "warned that an authorisation expires soon",
    "authorisation.lifted": "lifted the suspension of an authorisation",
    "authorisation.in_force": "put an authorisation into force",
    "authorisation.proposed": "proposed an authorisation",
    "authorisation.refused": "refused a proposed authorisation",
    "authorisation.suspended": "suspended an authorisation",
    "authorisation.waiting": "kept an authorisation that waits for a body",
    "authorisation_approval.approved": "confirmed the record of a body’s approval",
    "authorisation_approval.proposed": "recorded a body’s approval, for a second person to confirm",
    "authorisation_approval.refused": "refused the record of a body’s approval",
    "basemap.in_use": "put a basemap into use",
    "body.no_longer_required": "ended that a technology requires a body’s approval",
    "body.required": "made a technology require a body’s approval",
    "bookmark.changed": "changed a bookmark in recorded video",
    "bookmark.kept": "marked a moment of recorded video for a case",
    "bookmark.removed": "removed a bookmark in recorded video",
    "building_map.in_use": "put a map of buildings into use",
    "borrowed_camera.begun": "began to record a camera that a partner center lends to us",
    "borrowed_camera.ended": "recorded a camera of a partner center no more",
    "call.closed": "closed a call",
    "call.taken": "took a call",
    "camera.capability_acknowledged": "acknowledged what a camera can do beyond pictures",
    "camera.capability_found": "found that a camera can do more than pictures",
    "camera.changed": "changed a camera",
    "camera.device_read": "read what the device of a camera is",
    "camera.device_said": "heard from a camera’s device that it is tampered with, has no signal or cannot store, or no longer so",
    "camera.device_replaced": "put another device in a camera’s place",
    "camera.dwelling_marked": "marked a camera or a preset as a view of a dwelling, or no longer one",
    "camera.dwelling_over": "noted that a camera’s time at a dwelling is over",
    "camera.dwelling_soon": "warned that a camera’s time at a dwelling is nearly over",
    "camera.held_fetched": "fetched from a camera’s site what is held of it",
    "camera.gap_filled": "fetched from a camera what it had kept of a gap",
    "camera.issued": "gave a body camera to a unit",
    "camera.let_go": "let others turn a camera",
    "camera.mask_gone": "found that a camera does not hold a mask any more that it held",
    "camera.mask_in_device": "set a mask in the camera itself",
    "camera.mask_removed": "took a mask away from a camera’s picture",
    "camera.mask_set": "masked a part of a camera’s picture",
    "camera.not_turned": "could not turn a camera",
    "camera.preset_removed": "removed a preset of a camera",
    "camera.preset_set": "set a preset of a camera",
    "camera.registered": "registered a camera",
    "camera.removed": "removed a camera",
    "camera_import.applied": "applied a list of cameras",
    "camera_import.confirmed": "confirmed a list of cameras",
    "camera_import.discarded": "discarded a list of cameras",
    "camera_import.previewed": "looked at a list of cameras",
    "camera.turned": "turned a camera",
    "camera.went_home": "sent a camera home that nobody had moved for five minutes",
    "camera.returned": "took a body camera back",
    "camera.snapshot_saved": "saved a picture of a camera as a file",
    "canvass.preserved": "preserved what a camera recorded, by a canvass",
    "case.closed": "closed a case",
    "case.confirmed": "confirmed a provisional case",
    "case.lapsed": "wrote down that a provisional case lapsed which nobody confirmed",
    "case.opened": "opened a case",
    "center.began": "began the center",
    "co_travel.approved": "approved a search for who travelled with a vehicle",
    "co_travel.failed": "gave up a search for who travelled with a vehicle",
    "co_travel.found": "found who travelled with a vehicle, as far as chance does not explain it",
    "co_travel.in_work": "gave an approved search for who travelled with a vehicle to be made",
    "co_travel.proposed": "asked who travelled with a vehicle, by a court’s order",
    "co_travel.refused": "refused a search for who travelled with a vehicle",
    "co_travel.stopped": "stopped a search for who travelled with a vehicle that was no longer allowed",
    "device.token_issued": "gave a device its token",
    "disk.back": "found a disk of the object store well again, and took it in",
    "disk.taken_out": "took out a disk of the object store that does not work",
    "footage.rows_restored": "put rows of footage back into the index, from the heads of the files themselves",
    "edge_box.cameras_changed": "changed which cameras an edge box has",
    "edge_box.code_made": "made an enrolment code for an edge box",
    "edge_box.enrolled": "enrolled an edge box by its one-time code",
    "edge_box.made": "made an edge box known, with an enrolment code",
    "edge_box.renewed": "gave an edge box its next certificate",
    "edge_box.revoked": "revoked an edge box",
    "evidence.answered": "sent everything that they were asked for",
    "evidence.asked": "asked somebody for what their camera has",
    "evidence.declined": "would rather not send what they were asked for",
    "evidence.fetched": "fetched what somebody sent for a case",
    "evidence.link_handed_over": "handed over a link to whoever is asked for evidence",
    "evidence.received": "kept a file that was sent for a case",
    "evidence.reminded": "reminded whoever was asked for evidence",
    "evidence.seen": "opened the page on which they are asked for evidence",
    "evidence.withdrawn": "withdrew a request for evidence",
    "export.approved": "approved an export",
    "export.cancelled": "cancelled an export",
    "export.failed": "gave up making an export",
    "export.fetched": "fetched an export",
    "export.forgotten": "forgot an export whose time was over",
    "export.in_work": "gave an approved export to be made",
    "export.made": "made an export",
    "export.proposed": "asked for an export",
    "export.refused": "refused an export",
    "export.stopped": "stopped an export that was no longer allowed",
    "export.unmasked": "left a camera’s masks out of an export, by a court’s order",
    "finding.kept": "put reads that a search found into a case",
    "finding.removed": "took a read that a search found out of a case",
    "hold.asked_again": "had a site asked once more for what is held of it",
    "hold.confirmed": "confirmed a hold",
    "hold.due_soon": "warned that a hold ends soon",
    "hold.ended": "ended a hold",
    "hold.lapsed": "let a hold lapse that nobody prolonged",
    "hold.placed": "placed a hold",
    "alert.record_asked": "asked the live record",
    "hit.confirmation_answered": "wrote down what the entering agency answered",
    "hit.confirmation_asked": "asked the entering agency to confirm a hit",
    "hit.confirmation_late": "noticed that the entering agency owes an answer",
    "hot_list.added_to": "added entries to a hot list",
    "hot_list.applied": "put an imported hot list into force",
    "hot_list.cap": "took an alert of a missing child or elder (CAP)",
    "hot_list.imported": "read a hot list from a file",
    "hot_list.made": "made a hot list",
    "hot_list_entry.approved": "approved a proposed hot-list entry",
    "hot_list_entry.died": "ended a hot-list entry that nobody ratified",
    "hot_list_entry.changed": "let a hot-list entry say and last what a file said",
    "hot_list_entry.ratified": "ratified a hot-list entry of one person",
    "hot_list_entry.ended": "ended a hot-list entry with the case that it was approved for",
    "hot_list_entry.in_force": "put a hot-list entry into force",
    "hot_list_entry.proposed": "proposed a hot-list entry",
    "hot_list.not_imported": "sent a hot list’s file that could not be taken",
    "hot_list.stale": "found that a hot list was not renewed in its time",
    "hot_list_entry.refused": "refused a proposed hot-list entry",
    "hot_list_entry.withdrawn": "withdrew a hot-list entry",
    "possible_hit.judged": "typed what the picture of a possible hit says",
    "possible_hit.taken_back": "took a verdict on a possible hit back",
    "hot_list_file_kind.approved": "approved a kind of hot-list file",
    "hot_list_file_kind.in_force": "allowed a kind of hot-list file",
    "hot_list_file_kind.proposed": "proposed to allow a kind of hot-list file",
    "hot_list_file_kind.refused": "refused a proposed kind of hot-list file",
    "follow.ended": "ended the following of a vehicle",
    "follow.ratified": "agreed as the second person that a vehicle is followed",
    "follow.sighting": "kept a sighting of a followed vehicle",
    "follow.started": "began to follow a vehicle",
    "plate_watch.approved": "approved a proposed watch",
    "plate_watch.ended": "ended a watch with its case",
    "plate_watch.estimated": "counted how many reads of the last week a watch would have answered to",
    "plate_watch.hit": "found a read that answers to a watch",
    "plate_watch.in_force": "put a watch into force",
    "plate_watch.paused": "paused a watch that brought more hits than it may",
    "plate_watch.proposed": "proposed a watch",
    "plate_watch.refused": "refused a proposed watch",
    "plate_watch.resumed": "resumed a watch that had paused",
    "plate_watch.withdrawn": "withdrew a watch",
    "incident.opened": "opened an incident",
    "invitation.accepted": "opened the account of a person who was invited",
    "lending.approved": "approved that a partner center may record cameras of ours",
    "lending.ended": "ended that a partner center records cameras of ours",
    "lending.in_force": "lent cameras of ours to a partner center, which may record them",
    "lending.proposed": "proposed that a partner center may record cameras of ours",
    "lending.refused": "refused that a partner center may record cameras of ours",
    "look_up.flagged": "flagged a look-up of a plate, for a review outside the room",
    "look_up.reviewed": "said whether a look-up of a plate was proper",
    "look_ups.closed": "ended a period of which searches are drawn for review",
    "look_ups.drawn": "drew searches for a review outside the room",
    "maintenance.ended": "ended planned work on cameras",
    "maintenance.planned": "planned work on cameras",
    "message.seen": "saw messages about an incident",
    "message.sent": "sent a message about an incident",
    "outcome.recorded": "recorded an outcome",
    "sounds.brought_in": "brought another vendor's alerts of sounds into the ledger",
    "sound.missed": "entered gunfire that was not alerted",
    "sound_outcome.agreed": "agreed with what somebody else said that came of a sound",
    "sound_outcome.refused": "did not agree with what somebody else said that came of a sound",
    "sound_outcome.said": "said what came of a sound",
    "owner.accepted": "accepted an owner’s offer",
    "owner.answered": "answered a question about their offer",
    "owner.asked": "asked an owner about their offer",
    "owner.link_asked": "asked for a link to their own page",
    "owner.link_handed_over": "handed an owner’s link over",
    "owner.located": "put an owner’s address on the map",
    "owner.refused": "refused an owner’s offer",
    "owner.signed_up": "offered cameras of their own",
    "owner.verified": "confirmed their e-mail address",
    "owner.withdrew": "withdrew their offer",
    "person.invited": "invited a person",
    "person.invited_again": "invited a person again",
    "person.invited_from_terminal": "made a one-time link for a person",
    "person.roles_changed": "changed the roles of a person",
    "person.suspended": "suspended the account of a person",
    "plates.hit": "found a read that matches a hot-list entry",
    "plates.quarantined": "put a message of a plate reader into quarantine",
    "pulses.quarantined": "put a message of a microphone into quarantine",
    "plates.read": "counted the reads so far",
    "camera.plates_read": "had plates read on a camera’s video",
    "camera.plates_unread": "had plates read on a camera’s video no more",
    "weather.entered": "entered what was read of the weather",
    "microphone.changed": "changed what is registered of a microphone",
    "microphone.registered": "registered a microphone",
    "microphone.retired": "took a microphone out of service",
    "microphone.token_issued": "gave a microphone its token",
    "reader.mapping_removed": "removed the mapping of a plate reader’s tables",
    "reader.mapping_set": "said which column of a plate reader’s tables says what",
    "reader.registered": "registered a plate reader",
    "reader.retired": "retired a plate reader",
    "reader.token_issued": "gave a plate reader its token",
    "required_body.approved": "approved a proposed change of required bodies",
    "required_body.proposed": "proposed a change of required bodies",
    "required_body.refused": "refused a proposed change of required bodies",
    "retention.canary": "followed an invented read until nothing of it was left",
    "retention.forgotten": "forgot what was past its retention, with a receipt",
    "retention.gave_way": "let a day give way before its retention ended, for want of room on the disks",
    "retention.oldest": "listed what is stored, and kept the oldest of each class",
    "second_factor.set": "kept a new second factor of a person",
    "sign_in.ended": "ended a session",
    "sign_in.opened": "let a person sign in",
    "sign_in.refused": "refused a sign-in",
    "workstation.registered": "registered a workstation of the room",
    "workstation.removed": "removed a workstation of the room",
    "sound.asked": "asked a microphone for seconds of a located sound",
    "sound.clip_came": "was given seconds of sound by a microphone",
    "sound.clip_heard": "opened a clip of sound",
    "sound.no_clip": "was given no sound by a microphone",
    "staff_plates.cleared": "forgot which plates somebody said are theirs",
    "staff_plates.said": "registered plates of staff, or that there are none",
    "spool.line_refused": "refused a line of the decisions kept while the database was away",
    "suspension_lift.approved": "approved that a suspension ends",
    "suspension_lift.proposed": "proposed that a suspension ends",
    "suspension_lift.refused": "refused that a suspension ends",
    "districts.in_use": "put districts into use",
    "street_map.in_use": "put a street map into use",
    "trailer.changed": "changed a trailer, or what is on it",
    "trailer.lights_asked": "asked for the lights of a trailer to be switched",
    "trailer.lights_not_switched": "could not switch the lights of a trailer",
    "trailer.lights_set_up": "said how the lights of a trailer are switched",
    "trailer.lights_switched": "switched the lights of a trailer",
    "trailer.moved": "found a trailer away from where it was placed, with nobody’s word",
    "trailer.placed": "said where a trailer stands from then on",
    "trailer.registered": "registered a trailer",
    "trailer.retired": "took a trailer out of service",
    "trailer.taken_away": "took a trailer away from where it stood",
    "unit.assigned": "sent a unit",
    "unit.created": "created a unit",
    "unit.crewed": "said who is on a unit",
    "unit.retired": "retired a unit",
    "site.cameras_added": "added cameras of a site at once",
    "site.changed": "changed a site",
    "site.channels_read": "asked the recorder of a site which cameras it has",
    "site.registered": "registered a site",
    "site.removed": "removed a site",
    "use.opened": "told an owner of a use of their camera that had been sealed",
    "use.sealed": "sealed a use of an owner’s camera for a case",
    "use_seal.approved": "approved that a use of an owner’s camera is sealed",
    "use_seal.proposed": "asked that a use of an owner’s camera be sealed",
    "use_seal.refused": "refused that a use of an owner’s camera is sealed",
    "wall.changed": "changed a wall of cameras",
    "wall.given_to_roles": "said which roles begin with a wall of cameras",
    "wall.kept": "kept a wall of cameras",
    "wall.removed": "removed a wall of cameras",
}


def actor_kind(leaf: Mapping[str, Json]) -> str:
    """What sort of actor it was: as the leaf says; of an older one, by who acted, under which need, or what was done."""
    said = leaf.get("actor_kind")
    if isinstance(said, str):
        return said
    actor, need = str(leaf.get("actor")), _need(leaf)
    ours = actor in _PROCESS or actor == leaf.get("agency")
    if ours or (need is not None and need.roles == {Role.MACHINE}):
        return ActorKind.PROCESS.value
    return ActorKind.PERSON.value


def machine_name(leaf: Mapping[str, Json], name: str | None) -> str | None:
    """What a machine is called: our own processes by what they are, a device by its `name`. None for a person."""
    if actor_kind(leaf) == ActorKind.PERSON:
        return None
    asker = leaf.get("asker")
    called = _PROCESS.get(str(leaf.get("actor"))) or name or (asker if isinstance(asker, str) else None)
    if called is not None:
        return PROCESSES.get(called, called)
    return "A device" if actor_kind(leaf) == ActorKind.DEVICE else "A process of the center"


def sentence_of(leaf: Mapping[str, Json], name: str | None, zone: tzinfo) -> str:
    """An entry in one sentence that holds nothing erasable but the name handed in; it says times in `zone`."""
    who = machine_name(leaf, name) or name or "Somebody"
    need = _need(leaf)
    what = need.sentence.rstrip(".").lower() if need else str(leaf.get("need") or "")
    kind, result, reason = leaf.get("kind"), leaf.get("result"), str(leaf.get("reason"))
    match kind:
        case "decision" | "lease" if result == "allowed":
            return f"{who} asked to {what}: allowed."
        case "decision" | "lease":
            failed = {**dict(CONDITIONS), **OF_ROWS}.get(reason, reason)
            return f"{who} asked to {what}: refused, since this did not hold: {failed}"
        case "revocation":
            return f"{who} had leave to {what}; it was ended: {reason}."
        case "grant_end" if reason == "grant.left":
            until = moment(parse_rfc3339(str(leaf.get("until"))), zone)
            return f"{who} had leave to {what} until {until} at the latest: its process was killed, so nobody said when it ended."
        case "grant_end":
            return f"{who} stopped, who had leave to {what}."
        case "summary":
            times = ", ".join(f"{leaf.get(count)} {count}" for count in ("allowed", "refused"))
            whose, more = PROCESSES.get(str(leaf.get("asker")), leaf.get("asker")), leaf.get("changes")
            day = date.fromisoformat(str(leaf.get("day")))
            return f"On {day.day} {day:%b %Y} (UTC) “{whose}” asked to {what}: {times}; {more} entries say what changed."
        case "restore":
            return f"{who} put the state back from a backup; what came after it may be lost."
        case "erasure":
            return f"{who} erased what was kept beside an entry, under the rule “{reason}”."
        case _:
            return f"{who} {DEEDS[reason]}." if reason in DEEDS else f"{who}: {_plain(reason)}."


def _plain(reason: str) -> str:
    return reason.replace(".", " ").replace("_", " ")


def _need(leaf: Mapping[str, Json]) -> Need | None:
    return next((need for need in Need if need.word == leaf.get("need")), None)
