"""Every kind of data we keep: its class, who owns it, how long it may live. A copy is data too.

`DataClass` is what needs permit and store functions touch; `TABLES` and `FILES` say where each class lives. The
architecture tests hold both against the migrations.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DataClass(StrEnum):
    """A kind of data with one retention and one set of needs that may touch it."""

    POLICY = "policy"  # technologies, authorisations, approvals, retention rules
    AUDIT = "audit"  # log entries
    AUDIT_PAYLOAD = "audit_payload"  # erasable payload beside a leaf
    ACCOUNT = "account"  # people, roles, agencies
    CREDENTIAL = "credential"  # password hashes, second factors, sessions, device tokens
    CASE = "case"  # cases and calls a purpose points at
    CAMERA = "camera"  # registry and state
    CAMERA_SECRET = "camera_secret"  # camera credentials, encrypted
    FOOTAGE = "footage"  # recorded video and its index
    THUMBNAIL = "thumbnail"  # keyframes of recorded video, small
    WALL = "wall"  # which cameras somebody put side by side
    BOOKMARK = "bookmark"  # what somebody marked for a case: moments of recorded video, reads that were found
    FOLLOW = "follow"  # vehicles followed under incidents, and where they were read
    TRAILER = "trailer"  # trailers, where each was placed, what it says of itself, what was counted around it
    READER = "reader"  # plate reader registry and state
    PULSE = "pulse"  # when a microphone heard a short loud sound
    SOUND_CLIP = "sound_clip"  # seconds of sound that a person pulled from a microphone, and who did: they may hold speech
    MICROPHONE = "microphone"  # registry of microphones, their exact places now and before, and how each does
    PLATE_READ = "plate_read"
    PLATE_PICTURE = "plate_picture"
    PLATE_HIT = "plate_hit"  # a read copied because it matched
    LOOK_UP = "look_up"  # who looked up plates, and plates of staff: keyed hashes alone; reviews of look-ups
    CO_TRAVEL = "co_travel"  # who travelled with a vehicle, by a court's order, and who asked
    HOT_LIST = "hot_list"
    WATCH = "watch"  # parts of plates and descriptions that coming reads are looked at for
    ALERT = "alert"
    INCIDENT = "incident"
    UNIT = "unit"
    UNIT_POSITION = "unit_position"
    DISPATCH = "dispatch"  # assignments and messages
    OUTCOME = "outcome"
    EXPORT = "export"  # video cut for a case, and who asked for it
    PLACE = "place"  # streets, buildings and the basemap
    OWNER = (
        "owner"  # who private owners of cameras are, and what was written to them: apart from everything else
    )
    AGREEMENT = "agreement"  # what owners agreed about their cameras, and who asked them; no names
    MACHINERY = "machinery"  # workers, jobs, leases, idempotency keys: no personal data


class Mode(StrEnum):
    """What a store function does to a data class."""

    READ = "read"
    WRITE = "write"


READ: Final = Mode.READ
WRITE: Final = Mode.WRITE


class Retention(StrEnum):
    """Which clock forgets a table or file class."""

    BY_RULE = "by_rule"  # partitions of (retention rule, day), dropped whole
    WITH_PARENT = "with_parent"  # goes with the row it belongs to
    UNTIL_EXPIRY = "until_expiry"  # rows carry their own end; the sweep deletes them after it
    WHILE_IN_USE = (
        "while_in_use"  # registry and policy: kept while the thing exists, its history with the log
    )
    PERMANENT = "permanent"  # the log's leaves, which hold no personal data, and policy history


@dataclass(frozen=True, slots=True)
class Kept:
    """Where data of a class lives: the slice that owns it and the clock that forgets it."""

    owner: str
    data_class: DataClass
    retention: Retention


def _kept(owner: str, data_class: DataClass, retention: Retention) -> Kept:
    return Kept(owner, data_class, retention)


_D, _R = DataClass, Retention

TABLES: Final[dict[str, Kept]] = {
    # governance (0001)
    "agency": _kept("governance", _D.ACCOUNT, _R.WHILE_IN_USE),
    "technology": _kept("governance", _D.POLICY, _R.PERMANENT),
    "approving_body": _kept("governance", _D.POLICY, _R.PERMANENT),
    "authorisation": _kept("governance", _D.POLICY, _R.PERMANENT),
    "authorisation_approval": _kept("governance", _D.POLICY, _R.PERMANENT),
    "authorisation_keeping": _kept("governance", _D.POLICY, _R.PERMANENT),
    "retention_rule": _kept("governance", _D.POLICY, _R.PERMANENT),
    "policy_version": _kept("governance", _D.POLICY, _R.PERMANENT),
    "proposal": _kept("governance", _D.POLICY, _R.UNTIL_EXPIRY),
    "case_file": _kept("governance", _D.CASE, _R.WHILE_IN_USE),
    "access_grant": _kept("governance", _D.AUDIT, _R.UNTIL_EXPIRY),
    "machine_lease": _kept("governance", _D.MACHINERY, _R.UNTIL_EXPIRY),
    "lease_count": _kept("governance", _D.MACHINERY, _R.WHILE_IN_USE),
    "audit_entry": _kept("governance", _D.AUDIT, _R.PERMANENT),
    "audit_payload": _kept("governance", _D.AUDIT_PAYLOAD, _R.UNTIL_EXPIRY),
    "audit_checkpoint": _kept("ledger", _D.AUDIT, _R.PERMANENT),
    "hold": _kept("governance", _D.POLICY, _R.UNTIL_EXPIRY),
    "deletion_receipt": _kept("governance", _D.AUDIT, _R.PERMANENT),
    # identity (0002)
    "person": _kept("identity", _D.ACCOUNT, _R.WHILE_IN_USE),
    "person_role": _kept("identity", _D.ACCOUNT, _R.WITH_PARENT),
    "credential": _kept("identity", _D.CREDENTIAL, _R.WITH_PARENT),
    "sign_in": _kept("identity", _D.CREDENTIAL, _R.UNTIL_EXPIRY),
    "sign_in_failure": _kept("identity", _D.CREDENTIAL, _R.UNTIL_EXPIRY),
    "invitation": _kept("identity", _D.CREDENTIAL, _R.UNTIL_EXPIRY),
    "workstation": _kept("identity", _D.CREDENTIAL, _R.WHILE_IN_USE),
    "device_token": _kept("identity", _D.CREDENTIAL, _R.WHILE_IN_USE),
    # storage (0003)
    "job": _kept("storage", _D.MACHINERY, _R.UNTIL_EXPIRY),
    "worker": _kept("storage", _D.MACHINERY, _R.UNTIL_EXPIRY),
    "idempotency": _kept("storage", _D.MACHINERY, _R.UNTIL_EXPIRY),
    "quarantine": _kept("storage", _D.MACHINERY, _R.UNTIL_EXPIRY),
    # cameras and recordings (0004)
    "camera": _kept("cameras", _D.CAMERA, _R.WHILE_IN_USE),
    "camera_secret": _kept("cameras", _D.CAMERA_SECRET, _R.WITH_PARENT),
    "camera_state": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    "camera_device": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),  # 0024
    "camera_lock": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),  # 0027
    "dwelling_view": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),  # 0033
    "camera_aim": _kept("cameras", _D.CAMERA, _R.UNTIL_EXPIRY),
    "dwelling_play": _kept("cameras", _D.CAMERA, _R.UNTIL_EXPIRY),
    "camera_notice": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),  # 0037
    "camera_mask": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),  # 0031
    "camera_stand": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),  # 0042
    "camera_capability": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    "camera_assignment": _kept("cameras", _D.MACHINERY, _R.WITH_PARENT),
    "segment": _kept("recordings", _D.FOOTAGE, _R.BY_RULE),
    "footage_gap": _kept("recordings", _D.FOOTAGE, _R.BY_RULE),
    # plates (0005)
    "reader": _kept("plates", _D.READER, _R.WHILE_IN_USE),
    "reader_state": _kept("plates", _D.READER, _R.WITH_PARENT),
    "reader_hour": _kept("plates", _D.READER, _R.WITH_PARENT),
    "reader_video": _kept("plates", _D.READER, _R.WITH_PARENT),  # 0060
    "reader_video_hour": _kept("plates", _D.READER, _R.WITH_PARENT),
    "plate_read": _kept("plates", _D.PLATE_READ, _R.BY_RULE),
    "plate_picture": _kept("plates", _D.PLATE_PICTURE, _R.BY_RULE),
    "plate_hit": _kept("plates", _D.PLATE_HIT, _R.BY_RULE),
    "plate_verdict": _kept("plates", _D.READER, _R.UNTIL_EXPIRY),
    "staff_plate": _kept("plates", _D.LOOK_UP, _R.WHILE_IN_USE),  # 0061
    "staff_plate_said": _kept("plates", _D.LOOK_UP, _R.WHILE_IN_USE),
    "plate_look_up": _kept("plates", _D.LOOK_UP, _R.UNTIL_EXPIRY),
    "look_up_review": _kept("plates", _D.LOOK_UP, _R.UNTIL_EXPIRY),
    "look_up_draw": _kept("plates", _D.LOOK_UP, _R.PERMANENT),
    "alert_budget": _kept("plates", _D.POLICY, _R.WHILE_IN_USE),
    "hot_list": _kept("plates", _D.HOT_LIST, _R.WHILE_IN_USE),
    "hot_list_import": _kept("plates", _D.HOT_LIST, _R.UNTIL_EXPIRY),
    "hot_list_entry": _kept("plates", _D.HOT_LIST, _R.UNTIL_EXPIRY),
    "hot_list_withdrawal": _kept("plates", _D.HOT_LIST, _R.UNTIL_EXPIRY),  # 0049
    "cap_message": _kept("plates", _D.HOT_LIST, _R.UNTIL_EXPIRY),  # 0067
    "hot_list_file_kind": _kept("plates", _D.POLICY, _R.PERMANENT),
    "plate_watch": _kept("plates", _D.WATCH, _R.UNTIL_EXPIRY),  # 0058
    "hot_list_version": _kept("plates", _D.MACHINERY, _R.WHILE_IN_USE),
    # acoustics (0073)
    "microphone": _kept("acoustics", _D.MICROPHONE, _R.WHILE_IN_USE),
    "microphone_place": _kept("acoustics", _D.MICROPHONE, _R.WITH_PARENT),  # 0076
    "weather_reading": _kept("acoustics", _D.MICROPHONE, _R.WHILE_IN_USE),  # 0081
    "microphone_state": _kept("acoustics", _D.MICROPHONE, _R.WITH_PARENT),  # 0074
    "pulse": _kept("acoustics", _D.PULSE, _R.BY_RULE),
    "pulse_look": _kept("acoustics", _D.MACHINERY, _R.UNTIL_EXPIRY),  # 0077
    "microphone_day": _kept("acoustics", _D.MICROPHONE, _R.WITH_PARENT),  # 0083
    # units, incidents, dispatch, places, calls (0006)
    "unit": _kept("units", _D.UNIT, _R.WHILE_IN_USE),
    "unit_crew": _kept("units", _D.UNIT, _R.WITH_PARENT),
    "unit_position": _kept("units", _D.UNIT_POSITION, _R.BY_RULE),
    "call": _kept("calls", _D.CASE, _R.WHILE_IN_USE),
    "alert": _kept("incidents", _D.ALERT, _R.UNTIL_EXPIRY),
    "alert_part": _kept("incidents", _D.ALERT, _R.WITH_PARENT),
    "sound_source": _kept("incidents", _D.ALERT, _R.WITH_PARENT),  # 0077
    "sound_source_version": _kept("incidents", _D.ALERT, _R.WITH_PARENT),
    "sound_clip": _kept("incidents", _D.SOUND_CLIP, _R.UNTIL_EXPIRY),  # 0082
    "sound_record": _kept("incidents", _D.OUTCOME, _R.PERMANENT),  # 0083: no place finer than 100 m
    "sound_outcome": _kept("dispatch", _D.OUTCOME, _R.PERMANENT),
    "sound_truth": _kept("dispatch", _D.ALERT, _R.WITH_PARENT),
    "false_binding": _kept("incidents", _D.ALERT, _R.UNTIL_EXPIRY),
    "review": _kept("incidents", _D.ALERT, _R.WITH_PARENT),
    "live_query": _kept("incidents", _D.ALERT, _R.WITH_PARENT),  # 0054
    "hit_confirmation": _kept("incidents", _D.INCIDENT, _R.WITH_PARENT),
    "incident": _kept("incidents", _D.INCIDENT, _R.UNTIL_EXPIRY),
    "incident_entry": _kept("incidents", _D.INCIDENT, _R.WITH_PARENT),
    "assignment": _kept("dispatch", _D.DISPATCH, _R.WITH_PARENT),
    "incident_message": _kept("dispatch", _D.DISPATCH, _R.WITH_PARENT),  # 0013
    "incident_message_seen": _kept("dispatch", _D.DISPATCH, _R.WITH_PARENT),
    "outcome": _kept("dispatch", _D.OUTCOME, _R.PERMANENT),
    "street_map": _kept("places", _D.PLACE, _R.WHILE_IN_USE),
    # the basemap (0012)
    "basemap": _kept("places", _D.PLACE, _R.WHILE_IN_USE),
    # the buildings (0017)
    "building_map": _kept("places", _D.PLACE, _R.WHILE_IN_USE),
    "district": _kept("places", _D.PLACE, _R.WHILE_IN_USE),  # 0083
    # planned work, and devices that were replaced (0026)
    "maintenance_window": _kept("cameras", _D.CAMERA, _R.UNTIL_EXPIRY),
    "camera_replacement": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    # federated sites (0035)
    "camera_site": _kept("cameras", _D.CAMERA, _R.WHILE_IN_USE),
    "camera_site_secret": _kept("cameras", _D.CAMERA_SECRET, _R.WITH_PARENT),
    # where a site's recorder shows each of its cameras (0079)
    "camera_site_channel": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    # what is fetched from sites because it is held (0046)
    "footage_pull": _kept("recordings", _D.FOOTAGE, _R.WITH_PARENT),
    # walls of cameras (0020)
    "wall": _kept("cameras", _D.WALL, _R.WHILE_IN_USE),
    # bookmarks in recorded video (0032)
    "bookmark": _kept("investigations", _D.BOOKMARK, _R.UNTIL_EXPIRY),
    # reads that were put into a case (0056)
    "finding": _kept("investigations", _D.BOOKMARK, _R.UNTIL_EXPIRY),
    # vehicles followed under incidents (0066): gone with the incident
    "follow": _kept("investigations", _D.FOLLOW, _R.WITH_PARENT),
    "sighting": _kept("investigations", _D.FOLLOW, _R.WITH_PARENT),
    # private owners (0022)
    "owner": _kept("owners", _D.OWNER, _R.UNTIL_EXPIRY),
    "owner_link": _kept("owners", _D.OWNER, _R.WITH_PARENT),
    "mail": _kept("owners", _D.OWNER, _R.UNTIL_EXPIRY),
    # lists of cameras brought in (0025)
    "camera_import": _kept("cameras", _D.CAMERA, _R.UNTIL_EXPIRY),
    "camera_import_row": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    # edge boxes (0033)
    "edge_box": _kept("cameras", _D.CAMERA, _R.WHILE_IN_USE),
    "edge_camera": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    "edge_state": _kept("cameras", _D.CAMERA, _R.WITH_PARENT),
    # what they agreed (0029)
    "agreement": _kept("governance", _D.AGREEMENT, _R.PERMANENT),
    "agreement_request": _kept("owners", _D.AGREEMENT, _R.WITH_PARENT),
    # cameras that partner centers may record, and those that they lend to us (0075)
    "lending": _kept("governance", _D.POLICY, _R.PERMANENT),
    "lending_camera": _kept("governance", _D.POLICY, _R.WITH_PARENT),
    "borrowed_camera": _kept("cameras", _D.CAMERA, _R.WHILE_IN_USE),
    # uses that are told later (0036)
    "use_seal": _kept("owners", _D.AGREEMENT, _R.UNTIL_EXPIRY),
    # trailers, and where what they carry stood before (0038)
    "camera_stood": _kept("cameras", _D.CAMERA, _R.UNTIL_EXPIRY),
    "body_issue": _kept("trailers", _D.UNIT, _R.UNTIL_EXPIRY),  # 0045
    "reader_stood": _kept("plates", _D.READER, _R.WITH_PARENT),
    "trailer": _kept("trailers", _D.TRAILER, _R.WHILE_IN_USE),
    "trailer_placement": _kept("trailers", _D.TRAILER, _R.PERMANENT),
    "trailer_state": _kept("trailers", _D.TRAILER, _R.WITH_PARENT),
    "trailer_lights": _kept("trailers", _D.CAMERA_SECRET, _R.WITH_PARENT),
    "trailer_figure": _kept("trailers", _D.TRAILER, _R.WITH_PARENT),
    # what owners and witnesses are asked for (0040)
    "evidence_request": _kept("evidence", _D.EXPORT, _R.UNTIL_EXPIRY),
    "evidence_contact": _kept("evidence", _D.OWNER, _R.WITH_PARENT),
    "received_file": _kept("evidence", _D.EXPORT, _R.WITH_PARENT),
    # bodies that technologies require (0014)
    "required_body": _kept("governance", _D.POLICY, _R.PERMANENT),
    # exports (0028)
    "export": _kept("evidence", _D.EXPORT, _R.UNTIL_EXPIRY),
    "export_span": _kept("evidence", _D.EXPORT, _R.WITH_PARENT),
    # reads that are exported (0059)
    "export_read": _kept("evidence", _D.EXPORT, _R.WITH_PARENT),
    # who travelled with a vehicle (0063)
    "co_travel": _kept("plates", _D.CO_TRAVEL, _R.UNTIL_EXPIRY),
    "co_travel_vehicle": _kept("plates", _D.CO_TRAVEL, _R.UNTIL_EXPIRY),
}

# Each folder of a data directory, and of objects and spool each one below; `pg` is not here, for it holds the tables.
FILES: Final[dict[str, Kept]] = {
    "objects/footage": _kept("recordings", _D.FOOTAGE, _R.BY_RULE),
    # Each goes with the footage it is of, and its day's key; the oldest earlier, where there is no room.
    "objects/thumbnails": _kept("recordings", _D.THUMBNAIL, _R.BY_RULE),
    "objects/plate-pictures": _kept("plates", _D.PLATE_PICTURE, _R.BY_RULE),
    # Pictures that are never stored, until their read is matched: 150 seconds at most.
    "objects/transient-pictures": _kept("plates", _D.PLATE_PICTURE, _R.UNTIL_EXPIRY),
    # Of reads that are kept for minutes; those of hits are copied to the folder above.
    "objects/brief-pictures": _kept("plates", _D.PLATE_PICTURE, _R.BY_RULE),
    "objects/streets": _kept("places", _D.PLACE, _R.WHILE_IN_USE),
    # What is being put, of any class above; what a process that died left there the sweep removes, an hour old.
    "objects/.putting": _kept("storage", _D.PLATE_PICTURE, _R.UNTIL_EXPIRY),
    "objects/basemaps": _kept("places", _D.PLACE, _R.WHILE_IN_USE),
    "objects/buildings": _kept("places", _D.PLACE, _R.WHILE_IN_USE),
    "objects/exports": _kept("evidence", _D.EXPORT, _R.UNTIL_EXPIRY),
    # What is being cut, in the plain: gone when it is sealed, or when the next one begins.
    "spool/exports": _kept("evidence", _D.EXPORT, _R.UNTIL_EXPIRY),
    # What comes part by part, sealed, until all of it is here.
    "spool/received": _kept("evidence", _D.EXPORT, _R.UNTIL_EXPIRY),
    # Of the folder that `inbox.folder` names: what is being taken, and what could not be, with its reason. `plates/inbox` forgets it.
    "inbox": _kept("plates", _D.PLATE_READ, _R.UNTIL_EXPIRY),
    "spool/footage": _kept("recordings", _D.FOOTAGE, _R.BY_RULE),
    "spool/decisions": _kept("governance", _D.AUDIT, _R.UNTIL_EXPIRY),
    "keystore": _kept("recordings", _D.FOOTAGE, _R.BY_RULE),
    "ledger": _kept("ledger", _D.AUDIT, _R.PERMANENT),
    "keys": _kept("engines", _D.CREDENTIAL, _R.WHILE_IN_USE),
    "logs": _kept("engines", _D.MACHINERY, _R.UNTIL_EXPIRY),
    "nats": _kept("engines", _D.PLATE_READ, _R.UNTIL_EXPIRY),
    "run": _kept("engines", _D.MACHINERY, _R.WHILE_IN_USE),
}
