"""Every need: what may be asked of the door, who may ask it, what it may touch. One table, no exceptions elsewhere."""

from __future__ import annotations

from enum import Enum
from typing import Final

from watchfloor.governance.words import Role as R
from watchfloor.storage.classes import READ, WRITE, DataClass, Mode
from watchfloor.storage.tx import Touch

D = DataClass

_FLOOR: Final = (R.ANALYST, R.SUPERVISOR)
_SWORN: Final = (R.ANALYST, R.DETECTIVE, R.SUPERVISOR)
_FIELD: Final = (*_SWORN, R.OFFICER)
_STAFF: Final = (*_FIELD, R.TECHNICIAN, R.ADMINISTRATOR, R.CLERK, R.AUDITOR)


class Logged(Enum):
    """How much of a need the log keeps."""

    EACH = "each decision has an entry of its own, committed before anything opens"
    CHANGES = "machines ask in batches; changes and daily sums are kept, not renewals"
    NEVER = "bootstrap: no actor exists yet, or nothing of anybody is touched; a closed, tested list"


def _touch(*items: DataClass | Mode) -> frozenset[Touch]:
    pairs: set[Touch] = set()
    waiting: list[DataClass] = []
    for item in items:
        if isinstance(item, Mode):
            pairs.update((data_class, item) for data_class in waiting)
            waiting = []
        else:
            waiting.append(item)
    return frozenset(pairs)


class Need(Enum):
    """(word, sentence, roles, touches, works with a technology, purpose asked, how it is logged)."""

    # A table, read across.
    # fmt: off
    # -- bootstrap: nobody is known yet, or only our own machinery is touched
    SIGN_IN = ("sign_in", "Sign in, sign out, accept an invitation.", (R.MACHINE,), _touch(D.ACCOUNT, D.CREDENTIAL, READ, D.ACCOUNT, D.CREDENTIAL, WRITE), False, False, Logged.NEVER)
    SESSION_LOOK_UP = ("session_look_up", "Find who a session or a device token belongs to.", (R.MACHINE,), _touch(D.ACCOUNT, D.CREDENTIAL, READ, D.CREDENTIAL, WRITE), False, False, Logged.NEVER)
    MACHINERY_RUN = ("machinery.run", "Keep workers, jobs, leases and idempotency keys.", (R.MACHINE,), _touch(D.MACHINERY, READ, D.MACHINERY, WRITE), False, False, Logged.NEVER)
    POLICY_LOOK_UP = ("policy.look_up", "Read what is authorised: public knowledge.", (R.MACHINE,), _touch(D.POLICY, READ), False, False, Logged.NEVER)
    # -- people
    PEOPLE_VIEW = ("people.view", "See accounts and roles.", (R.ADMINISTRATOR, R.SUPERVISOR, R.AUDITOR), _touch(D.ACCOUNT, D.CREDENTIAL, READ), False, False, Logged.EACH)
    PEOPLE_CHANGE = ("people.change", "Invite people, change roles, suspend accounts.", (R.ADMINISTRATOR,), _touch(D.ACCOUNT, D.CREDENTIAL, READ, D.ACCOUNT, D.CREDENTIAL, D.POLICY, WRITE), False, False, Logged.EACH)
    AGENCY_CHANGE = ("agency.change", "Name the agency and set its time zone.", (R.ADMINISTRATOR,), _touch(D.ACCOUNT, READ, D.ACCOUNT, WRITE), False, False, Logged.EACH)
    DEVICES_CHANGE = ("devices.change", "Give and revoke device tokens.", (R.ADMINISTRATOR, R.TECHNICIAN), _touch(D.CREDENTIAL, D.READER, D.MICROPHONE, D.HOT_LIST, D.UNIT, D.TRAILER, D.ACCOUNT, READ, D.CREDENTIAL, WRITE), False, False, Logged.EACH)
    WORKSTATIONS_CHANGE = ("workstations.change", "See, register and remove workstations of the room.", (R.ADMINISTRATOR,), _touch(D.CREDENTIAL, D.ACCOUNT, READ, D.CREDENTIAL, WRITE), False, False, Logged.EACH)
    # -- policy
    POLICY_VIEW = ("policy.view", "See technologies, authorisations and their history.", _STAFF, _touch(D.POLICY, D.ACCOUNT, READ), False, False, Logged.EACH)
    POLICY_PROPOSE = ("policy.propose", "Propose an authorisation, a body's later approval of one, which bodies a technology requires, or the end of a suspension.", (R.CLERK, R.SUPERVISOR), _touch(D.POLICY, READ, D.POLICY, WRITE), False, False, Logged.EACH)
    POLICY_APPROVE = ("policy.approve", "Put another person's proposal into force, or refuse it.", (R.CLERK, R.SUPERVISOR), _touch(D.POLICY, READ, D.POLICY, D.MACHINERY, WRITE), False, False, Logged.EACH)
    POLICY_SUSPEND = ("policy.suspend", "Suspend an authorisation at once.", (R.CLERK, R.SUPERVISOR, R.AUDITOR), _touch(D.POLICY, READ, D.POLICY, WRITE), False, False, Logged.EACH)
    CASES_VIEW = ("cases.view", "See cases and calls.", (*_FIELD, R.AUDITOR), _touch(D.CASE, D.ACCOUNT, READ), False, False, Logged.EACH)
    CASES_CHANGE = ("cases.change", "Open and close cases, take calls.", _FIELD, _touch(D.CASE, D.INCIDENT, READ, D.CASE, WRITE), False, False, Logged.EACH)
    CASES_CONFIRM = ("cases.confirm", "See provisional cases, and confirm another person's.", (R.SUPERVISOR,), _touch(D.CASE, D.ACCOUNT, READ, D.CASE, WRITE), False, False, Logged.EACH)
    AUDIT_VIEW = ("audit.view", "Read the log: who asked what, when, why, and the answer.", (R.AUDITOR, R.SUPERVISOR), _touch(D.AUDIT, D.AUDIT_PAYLOAD, D.ACCOUNT, D.POLICY, D.CAMERA, D.READER, D.MICROPHONE, D.CASE, D.INCIDENT, D.ALERT, D.UNIT, READ), False, False, Logged.EACH)
    OWN_AUDIT_VIEW = ("audit.view_own", "Read the log of one's own asks.", _STAFF, _touch(D.AUDIT, D.AUDIT_PAYLOAD, D.ACCOUNT, D.POLICY, D.CAMERA, D.READER, D.MICROPHONE, D.CASE, D.INCIDENT, D.ALERT, D.UNIT, READ), False, False, Logged.EACH)
    HOLDS_CHANGE = ("holds.change", "Preserve data past its retention for a case, or end that.", _SWORN, _touch(D.POLICY, D.CASE, D.AUDIT, D.MACHINERY, D.CAMERA, D.READER, D.MICROPHONE, D.EXPORT, D.FOOTAGE, READ, D.POLICY, D.MACHINERY, D.FOOTAGE, D.PLATE_READ, D.PLATE_PICTURE, WRITE), False, True, Logged.EACH)
    # -- private owners of cameras: who they are is for those who validate, and for nobody else
    OWNERS_LOOK_UP = ("owners.look_up", "Find whose one-time link it is, and whether an address is an owner's; nobody is told.", (R.MACHINE,), _touch(D.OWNER, D.ACCOUNT, READ), False, False, Logged.NEVER)
    OWNERS_SIGN_UP = ("owners.sign_up", "Take sign-ups of private owners, prove their addresses, give them links.", (R.MACHINE,), _touch(D.OWNER, D.ACCOUNT, READ, D.OWNER, WRITE), False, False, Logged.EACH)
    OWNERS_VIEW = ("owners.view", "See who offers cameras, and how to reach them.", (R.TECHNICIAN, R.SUPERVISOR), _touch(D.OWNER, D.ACCOUNT, READ), False, False, Logged.EACH)
    OWNERS_DECIDE = ("owners.decide", "Accept, ask or refuse somebody who offers a camera.", (R.TECHNICIAN, R.SUPERVISOR), _touch(D.OWNER, D.ACCOUNT, D.CREDENTIAL, D.CAMERA, D.AGREEMENT, READ, D.OWNER, D.ACCOUNT, D.AGREEMENT, WRITE), False, False, Logged.EACH)
    OWN_CAMERAS_VIEW = ("own_cameras.view", "See one's own cameras, what is agreed about them and what became of their pictures.", (R.OWNER,), _touch(D.OWNER, D.AGREEMENT, D.CAMERA, D.POLICY, D.CASE, D.AUDIT, D.ACCOUNT, D.FOOTAGE, READ), False, False, Logged.EACH)
    OWN_CAMERAS_CHANGE = ("own_cameras.change", "Agree about one's own camera, change, suspend or revoke that, and answer who asks.", (R.OWNER,), _touch(D.OWNER, D.AGREEMENT, D.CAMERA, READ, D.OWNER, D.AGREEMENT, D.POLICY, D.MACHINERY, WRITE), False, False, Logged.EACH)
    SHARING_ASK = ("sharing.ask", "Ask an owner to share a camera now.", _SWORN, _touch(D.OWNER, D.AGREEMENT, D.CAMERA, D.ACCOUNT, READ, D.OWNER, D.AGREEMENT, WRITE), False, True, Logged.EACH)
    USE_SEAL = ("use.seal", "Ask that an owner is told of a use of their camera only later, for a case.", (R.SUPERVISOR,), _touch(D.AUDIT, D.CAMERA, D.AGREEMENT, D.POLICY, D.CASE, READ, D.POLICY, WRITE), False, True, Logged.EACH)
    USE_SEAL_APPROVE = ("use.seal_approve", "Seal a use of an owner's camera as the second person, or refuse it.", (R.SUPERVISOR, R.DETECTIVE), _touch(D.AUDIT, D.CAMERA, D.AGREEMENT, D.POLICY, D.CASE, D.MACHINERY, READ, D.AGREEMENT, D.POLICY, D.MACHINERY, WRITE), False, False, Logged.EACH)
    USE_SEALS_VIEW = ("use.seals_view", "See which uses of owners' cameras are or were sealed, for which case, by whom and until when.", (R.AUDITOR, R.SUPERVISOR, R.DETECTIVE), _touch(D.AGREEMENT, D.CAMERA, D.CASE, D.ACCOUNT, READ), False, False, Logged.EACH)
    MAIL_SEND = ("mail.send", "Hand letters to owners over to the mail server.", (R.MACHINE,), _touch(D.OWNER, READ, D.OWNER, WRITE), False, False, Logged.CHANGES)
    # -- cameras and recordings
    CAMERAS_VIEW = ("cameras.view", "See the list of cameras and their states, no pictures.", _STAFF, _touch(D.CAMERA, D.POLICY, D.PLACE, D.AGREEMENT, D.INCIDENT, D.TRAILER, READ), False, False, Logged.EACH)
    CAMERAS_OFFERED = ("cameras.offered", "See the cameras that are offered to a partner center: name, place, view and state, no pictures.", (R.PARTNER,), _touch(D.CAMERA, D.POLICY, READ), False, False, Logged.EACH)
    LENDINGS_VIEW = ("lendings.view", "See which cameras of ours partner centers may record, and which of theirs are recorded here; no pictures.", (R.SUPERVISOR, R.TECHNICIAN, R.ADMINISTRATOR, R.CLERK, R.AUDITOR), _touch(D.POLICY, D.CAMERA, D.ACCOUNT, READ), False, False, Logged.EACH)
    LENDING_PROPOSE = ("lending.propose", "Propose that a partner center may record cameras of ours until a day.", (R.CLERK, R.SUPERVISOR), _touch(D.POLICY, D.CAMERA, D.ACCOUNT, READ, D.POLICY, WRITE), False, False, Logged.EACH)
    LENDING_END = ("lending.end", "End at once that a partner center records cameras of ours.", (R.CLERK, R.SUPERVISOR, R.AUDITOR), _touch(D.POLICY, D.CAMERA, D.ACCOUNT, READ, D.POLICY, WRITE), False, False, Logged.EACH)
    CAMERA_LENT = ("camera.lent", "Take the stream of a camera to record it, as the partner center that it is lent to.", (R.PARTNER,), _touch(D.CAMERA, D.POLICY, READ), True, False, Logged.EACH)
    COVERAGE_VIEW = ("coverage.view", "See how much of a day each camera recorded, and why not the rest; no pictures.", _STAFF, _touch(D.CAMERA, D.FOOTAGE, D.POLICY, READ), False, False, Logged.EACH)
    CAMERAS_CHANGE = ("cameras.change", "Register, move or remove a camera or a site of cameras.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, READ, D.CAMERA, D.CAMERA_SECRET, WRITE), False, False, Logged.EACH)
    CAMERAS_FIND = ("cameras.find", "Look for cameras on the network, ask a device what it is, and try a site's stream.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, D.CAMERA_SECRET, READ, D.CAMERA, WRITE), False, False, Logged.EACH)
    CAPABILITY_ACKNOWLEDGE = ("capability.acknowledge", "Acknowledge what a device can do beyond pictures, where that technology is authorised.", (R.TECHNICIAN, R.SUPERVISOR), _touch(D.CAMERA, READ, D.CAMERA, WRITE), True, False, Logged.EACH)
    DEVICE_WATCH = ("device.watch", "Ask the devices of cameras once a day what they are, and write down what is new.", (R.MACHINE,), _touch(D.CAMERA, D.CAMERA_SECRET, READ, D.CAMERA, WRITE), False, False, Logged.CHANGES)
    CAMERAS_IMPORT = ("cameras.import", "Bring cameras in from a list: look at it, confirm it.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, D.ACCOUNT, READ, D.CAMERA, D.MACHINERY, WRITE), False, False, Logged.EACH)
    CAMERAS_BRING_IN = ("cameras.bring_in", "Register and change the cameras of a list that a person confirmed.", (R.MACHINE,), _touch(D.CAMERA, D.MACHINERY, READ, D.CAMERA, D.CAMERA_SECRET, D.MACHINERY, WRITE), False, False, Logged.CHANGES)
    MAINTENANCE_CHANGE = ("maintenance.change", "Plan work on cameras, and end it: a gap within it has a cause and an owner.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, READ, D.CAMERA, WRITE), False, False, Logged.EACH)
    CAMERA_LIVE = ("camera.live", "Watch a camera live.", (*_SWORN, R.OFFICER, R.PARTNER), _touch(D.CAMERA, D.CAMERA_SECRET, D.FOOTAGE, D.POLICY, READ), True, True, Logged.EACH)
    CAMERA_TURN = ("camera.turn", "Turn a camera.", _FLOOR, _touch(D.CAMERA, D.CAMERA_SECRET, D.ACCOUNT, READ, D.CAMERA, WRITE), True, True, Logged.EACH)
    PRESETS_CHANGE = ("presets.change", "Set, name and remove the presets of a camera, and mark what looks at a dwelling.", (R.SUPERVISOR, R.TECHNICIAN), _touch(D.CAMERA, D.CAMERA_SECRET, D.ACCOUNT, READ, D.CAMERA, WRITE), False, False, Logged.EACH)
    DWELLINGS_VIEW = ("dwellings.view", "See how long cameras were aimed at dwellings.", (R.AUDITOR, R.SUPERVISOR), _touch(D.CAMERA, D.ACCOUNT, D.PLACE, READ), False, False, Logged.EACH)
    CAMERA_LOCK_VIEW = ("camera.lock_view", "See where a camera can look, and who turns it.", (*_FIELD, R.TECHNICIAN), _touch(D.CAMERA, D.ACCOUNT, READ), False, False, Logged.EACH)
    MASKS_VIEW = ("masks.view", "See which parts of a camera’s picture are masked, and why; no pictures.", _STAFF, _touch(D.CAMERA, D.ACCOUNT, READ), False, False, Logged.EACH)
    MASKS_SET = ("masks.set", "Mask a part of a camera’s picture.", (R.SUPERVISOR, R.TECHNICIAN), _touch(D.CAMERA, D.CAMERA_SECRET, D.PLACE, READ, D.CAMERA, WRITE), False, False, Logged.EACH)
    AIMING_PICTURE = ("camera.aiming_picture", "See a camera’s newest picture, so coarse that nobody is made out in it, to draw masks by.", (R.SUPERVISOR, R.TECHNICIAN), _touch(D.CAMERA, D.FOOTAGE, D.POLICY, READ), True, False, Logged.EACH)
    MASKS_REMOVE = ("masks.remove", "Take a mask away from a camera’s picture.", (R.SUPERVISOR,), _touch(D.CAMERA, D.CAMERA_SECRET, READ, D.CAMERA, WRITE), False, False, Logged.EACH)
    CAMERA_UNMASKED = ("camera.unmasked", "See what masks cover, by a court’s order.", (R.DETECTIVE, R.SUPERVISOR), _touch(D.CAMERA, READ), True, True, Logged.EACH)
    CAMERA_PLAYBACK = ("camera.playback", "Play recorded video.", (*_SWORN, R.PARTNER), _touch(D.CAMERA, D.CAMERA_SECRET, D.FOOTAGE, D.POLICY, D.AGREEMENT, D.AUDIT, READ), True, True, Logged.EACH)
    CAMERA_SNAPSHOT = ("camera.snapshot", "Save a picture of a camera as a file, which leaves the system.", _SWORN, _touch(D.CAMERA, D.CAMERA_SECRET, D.FOOTAGE, D.POLICY, D.AGREEMENT, D.AUDIT, READ), True, True, Logged.EACH)
    CAMERA_RECORD = ("camera.record", "Record a camera.", (R.MACHINE,), _touch(D.CAMERA, D.CAMERA_SECRET, D.POLICY, D.MACHINERY, READ, D.CAMERA, D.FOOTAGE, D.MACHINERY, WRITE), True, False, Logged.CHANGES)
    CAMERA_PLATES_READ = ("camera.plates_read", "Read plates on a camera’s live picture, beside leave for the reads themselves.", (R.MACHINE,), _touch(D.CAMERA, READ), True, False, Logged.CHANGES)
    CAMERA_PLATES_SET = ("camera.plates_set", "Have plates read on a camera’s video where that is authorised, or no longer.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, D.READER, D.POLICY, READ, D.READER, WRITE), False, False, Logged.EACH)
    CAMERA_STATE = ("camera.state", "Keep the state of cameras.", (R.MACHINE,), _touch(D.CAMERA, D.MACHINERY, READ, D.CAMERA, D.MACHINERY, WRITE), False, False, Logged.NEVER)
    BOXES_VIEW = ("boxes.view", "See edge boxes, their cameras and how they are.", (R.TECHNICIAN, R.ADMINISTRATOR, R.SUPERVISOR, R.AUDITOR), _touch(D.CAMERA, READ), False, False, Logged.EACH)
    BOXES_CHANGE = ("boxes.change", "Give edge boxes their cameras and one-time codes, and revoke them.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, READ, D.CAMERA, WRITE), False, False, Logged.EACH)
    BOX_KNOW = ("box.know", "Know edge boxes by their codes and certificates, and keep what they say of themselves.", (R.MACHINE,), _touch(D.CAMERA, D.AGREEMENT, READ, D.CAMERA, WRITE), False, False, Logged.CHANGES)
    BODY_CAMERAS_VIEW = ("body_cameras.view", "See with which unit each body camera is and was, and who wears it; not where.", (*_SWORN, R.TECHNICIAN, R.ADMINISTRATOR, R.AUDITOR), _touch(D.CAMERA, D.UNIT, D.ACCOUNT, D.POLICY, READ), False, False, Logged.EACH)
    BODY_CAMERAS_ISSUE = ("body_cameras.issue", "Give body cameras to units, and take them back.", (R.SUPERVISOR, R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.CAMERA, D.UNIT, D.ACCOUNT, D.POLICY, READ, D.CAMERA, D.UNIT, D.POLICY, WRITE), False, False, Logged.EACH)
    TRAILERS_VIEW = ("trailers.view", "See trailers: where each stands and stood, how it is, what was counted around it.", _STAFF, _touch(D.TRAILER, D.CAMERA, D.READER, D.POLICY, D.ACCOUNT, READ), False, False, Logged.EACH)
    TRAILERS_CHANGE = ("trailers.change", "Register and retire trailers; say what is on them and how their lights are switched.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.TRAILER, D.CAMERA, D.READER, D.POLICY, D.ACCOUNT, READ, D.TRAILER, D.CAMERA, D.CAMERA_SECRET, D.READER, D.POLICY, WRITE), False, False, Logged.EACH)
    TRAILER_PLACE = ("trailer.place", "Say where a trailer stands from now on and why, or that it is taken away.", (R.SUPERVISOR, R.TECHNICIAN), _touch(D.TRAILER, D.CAMERA, D.READER, D.POLICY, D.ACCOUNT, READ, D.TRAILER, D.CAMERA, D.READER, D.POLICY, WRITE), False, False, Logged.EACH)
    TRAILER_LIGHTS = ("trailer.lights", "Switch the lights of a trailer.", (*_FLOOR, R.TECHNICIAN), _touch(D.TRAILER, D.CAMERA_SECRET, READ, D.TRAILER, WRITE), False, False, Logged.EACH)
    TRAILER_REPORT = ("trailer.report", "Take what a trailer says of itself: where it is, how its battery, solar panel, link and lights are.", (R.MACHINE,), _touch(D.TRAILER, D.CAMERA, D.READER, D.POLICY, READ, D.TRAILER, D.CAMERA, D.READER, D.POLICY, WRITE), False, False, Logged.CHANGES)
    TRAILERS_COUNT = ("trailers.count", "Count what happened around a placement before it, meanwhile and after it.", (R.MACHINE,), _touch(D.TRAILER, D.INCIDENT, D.ALERT, D.CASE, READ, D.TRAILER, D.MACHINERY, WRITE), False, False, Logged.CHANGES)
    WALLS_VIEW = ("walls.view", "Open a wall of cameras: which ones stand on it, no pictures.", _FIELD, _touch(D.WALL, D.ACCOUNT, READ), False, False, Logged.EACH)
    WALLS_CHANGE = ("walls.change", "Keep, change and remove walls of one's own.", _FIELD, _touch(D.WALL, D.CAMERA, READ, D.WALL, WRITE), False, False, Logged.EACH)
    WALLS_SHARE = ("walls.share", "Say which roles begin with a wall.", (R.SUPERVISOR,), _touch(D.WALL, READ, D.WALL, WRITE), False, False, Logged.EACH)
    CAMERA_MARKS = ("camera.marks", "See on the time bar of a camera when something happened at its place, no pictures and no plates.", _SWORN, _touch(D.CAMERA, D.ALERT, D.INCIDENT, D.CASE, D.BOOKMARK, D.READER, READ), True, True, Logged.EACH)
    BOOKMARKS_VIEW = ("bookmarks.view", "See what was marked in recorded video for a case, no pictures.", (*_FIELD, R.AUDITOR), _touch(D.BOOKMARK, D.CASE, D.INCIDENT, D.CAMERA, D.POLICY, D.ACCOUNT, READ), False, False, Logged.EACH)
    BOOKMARKS_CHANGE = ("bookmarks.change", "Mark moments of recorded video for a case, and change or remove bookmarks of one's own.", _SWORN, _touch(D.BOOKMARK, D.CASE, D.INCIDENT, D.CAMERA, D.POLICY, D.ACCOUNT, READ, D.BOOKMARK, WRITE), False, False, Logged.EACH)
    FINDINGS_VIEW = ("findings.view", "See the reads that were put into the case one looks for.", _SWORN, _touch(D.BOOKMARK, D.PLATE_READ, D.READER, D.ACCOUNT, READ), True, True, Logged.EACH)
    FINDINGS_CHANGE = ("findings.change", "Put reads that a search found into a case, and take one's own out of it.", _SWORN, _touch(D.BOOKMARK, D.PLATE_READ, D.READER, D.AUDIT, D.AUDIT_PAYLOAD, D.ACCOUNT, READ, D.BOOKMARK, WRITE), True, True, Logged.EACH)
    FOOTAGE_INDEX = ("footage.index", "Put footage that was recorded under a lease, and the gaps in it, into the index.", (R.MACHINE,), _touch(D.CAMERA, D.FOOTAGE, D.POLICY, D.MACHINERY, READ, D.FOOTAGE, WRITE), False, False, Logged.CHANGES)
    FOOTAGE_FILL = ("footage.fill", "Fetch from a camera what it kept of a time that was not recorded, where recording is authorised.", (R.MACHINE,), _touch(D.CAMERA, D.CAMERA_SECRET, D.FOOTAGE, D.AGREEMENT, D.POLICY, D.MACHINERY, D.AUDIT, READ, D.FOOTAGE, WRITE), True, False, Logged.CHANGES)
    FOOTAGE_CHECK = ("footage.check", "Compare the index of footage with what is stored, and put rows back from the files’ own heads.", (R.MACHINE,), _touch(D.CAMERA, D.FOOTAGE, D.MACHINERY, D.POLICY, READ, D.FOOTAGE, WRITE), False, False, Logged.CHANGES)

    # -- plates
    READERS_VIEW = ("readers.view", "See plate readers and their states, and which cameras are such.", _STAFF, _touch(D.READER, D.POLICY, D.CAMERA, READ), False, False, Logged.EACH)
    READERS_CHANGE = ("readers.change", "Register, move or remove a plate reader.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.READER, READ, D.READER, WRITE), False, False, Logged.EACH)
    READER_STATE = ("reader.state", "Find a plate reader's place and technology; keep its state.", (R.MACHINE,), _touch(D.READER, D.MACHINERY, READ, D.READER, D.MACHINERY, WRITE), False, False, Logged.NEVER)
    PLATES_INGEST = ("plates.ingest", "Take reads from a reader.", (R.MACHINE,), _touch(D.CASE, D.READER, D.PLATE_READ, D.PLATE_PICTURE, D.MACHINERY, D.HOT_LIST, D.POLICY, D.ALERT, D.INCIDENT, D.PLATE_HIT, D.WATCH, D.FOLLOW, D.DISPATCH, D.UNIT, READ, D.READER, D.PLATE_READ, D.PLATE_PICTURE, D.PLATE_HIT, D.WATCH, D.ALERT, D.INCIDENT, D.FOLLOW, D.DISPATCH, D.MACHINERY, WRITE), True, False, Logged.CHANGES)
    # -- acoustics: where a microphone hangs is told roughly; who is told exactly is kept
    MICROPHONES_VIEW = ("microphones.view", "See microphones, how each does and roughly where it is.", _STAFF, _touch(D.MICROPHONE, D.POLICY, READ), False, False, Logged.EACH)
    MICROPHONE_LOCATE = ("microphone.locate", "See exactly where a microphone is.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.MICROPHONE, READ), False, False, Logged.EACH)
    MICROPHONES_CHANGE = ("microphones.change", "Register, move or remove a microphone.", (R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.MICROPHONE, READ, D.MICROPHONE, WRITE), False, False, Logged.EACH)
    WEATHER_ENTER = ("weather.enter", "Enter what was read of the weather, with which sounds are located.", (R.ANALYST, R.SUPERVISOR, R.TECHNICIAN, R.ADMINISTRATOR), _touch(D.MICROPHONE, READ, D.MICROPHONE, WRITE), False, False, Logged.EACH)
    MICROPHONE_STATE = ("microphone.state", "Find the microphone that a token is of.", (R.MACHINE,), _touch(D.MICROPHONE, READ), False, False, Logged.NEVER)
    PULSES_INGEST = ("pulses.ingest", "Take pulses from a microphone.", (R.MACHINE,), _touch(D.MICROPHONE, D.PULSE, D.POLICY, READ, D.MICROPHONE, D.PULSE, WRITE), True, False, Logged.CHANGES)
    ARRAY_KNOW = ("array.know", "Know which microphones there are, exactly where, how each does, and of which seconds pulses came that were not looked at.", (R.MACHINE,), _touch(D.MICROPHONE, D.PULSE, D.MACHINERY, READ), False, False, Logged.CHANGES)
    ARRAY_HEAR = ("array.hear", "Look at what microphones heard, to find where a sound came from.", (R.MACHINE,), _touch(D.MICROPHONE, D.PULSE, D.POLICY, D.MACHINERY, READ, D.MACHINERY, WRITE), True, False, Logged.CHANGES)
    SOUND_TELL = ("sound.tell", "Raise or revise the alert of a sound that was located, where that may be listened to.", (R.MACHINE,), _touch(D.ALERT, D.INCIDENT, D.POLICY, D.PLACE, D.MICROPHONE, D.PULSE, READ, D.ALERT, D.INCIDENT, D.OUTCOME, WRITE), True, False, Logged.CHANGES)
    HOT_LIST_LOAD = ("hot_list.load", "Load the hot list into a matcher.", (R.MACHINE,), _touch(D.HOT_LIST, D.MACHINERY, READ), True, False, Logged.CHANGES)
    PLATES_SEARCH = ("plates.search", "Search plate reads.", _SWORN, _touch(D.PLATE_READ, D.PLATE_PICTURE, D.PLATE_HIT, D.READER, D.HOT_LIST, D.LOOK_UP, D.AUDIT, D.AUDIT_PAYLOAD, READ, D.LOOK_UP, WRITE), True, True, Logged.EACH)
    CO_TRAVEL_ASK = ("co_travel.ask", "Ask who travelled with a vehicle, for a case under a court's order, where the center allows it.", (R.DETECTIVE, R.SUPERVISOR), _touch(D.CO_TRAVEL, D.HOT_LIST, D.LOOK_UP, D.POLICY, READ, D.CO_TRAVEL, D.LOOK_UP, D.POLICY, WRITE), True, True, Logged.EACH)
    CO_TRAVEL_APPROVE = ("co_travel.approve", "Approve or refuse another person's search for who travelled with a vehicle.", (R.DETECTIVE, R.SUPERVISOR), _touch(D.CO_TRAVEL, D.POLICY, D.MACHINERY, READ, D.CO_TRAVEL, D.POLICY, D.MACHINERY, WRITE), True, False, Logged.EACH)
    CO_TRAVEL_FIND = ("co_travel.find", "Find who travelled with a vehicle, for the case and the order it was approved for.", (R.MACHINE,), _touch(D.CO_TRAVEL, D.PLATE_READ, D.READER, READ, D.CO_TRAVEL, WRITE), True, True, Logged.EACH)
    CO_TRAVEL_STATE = ("co_travel.state", "Keep how far searches for who travelled with a vehicle are.", (R.MACHINE,), _touch(D.CO_TRAVEL, D.POLICY, D.MACHINERY, READ, D.CO_TRAVEL, D.MACHINERY, WRITE), False, False, Logged.CHANGES)
    CO_TRAVEL_VIEW = ("co_travel.view", "See who travelled with a vehicle, for the case that it was looked for, under the court's order.", (R.DETECTIVE, R.SUPERVISOR), _touch(D.CO_TRAVEL, D.POLICY, D.ACCOUNT, READ), True, True, Logged.EACH)
    CO_TRAVELS_VIEW = ("co_travels.view", "See who asked who travelled with a vehicle, by which order, and how many were found; no plate.", (R.DETECTIVE, R.SUPERVISOR, R.AUDITOR, R.CLERK), _touch(D.CO_TRAVEL, D.POLICY, D.ACCOUNT, READ), False, False, Logged.EACH)
    FOLLOW_START = ("follow.start", "Follow a vehicle across plate readers under an open incident.", _FLOOR, _touch(D.PLATE_READ, D.READER, D.HOT_LIST, D.LOOK_UP, D.INCIDENT, D.FOLLOW, READ, D.LOOK_UP, D.INCIDENT, D.FOLLOW, WRITE), True, True, Logged.EACH)
    FOLLOW_AGREE = ("follow.agree", "Agree as the second person that a vehicle is followed.", _FLOOR, _touch(D.FOLLOW, D.INCIDENT, READ, D.FOLLOW, D.INCIDENT, WRITE), True, True, Logged.EACH)
    FOLLOW_VIEW = ("follow.view", "See the track of a vehicle that is followed under an incident, its sightings, and which reader may read it next.", _FIELD, _touch(D.FOLLOW, D.READER, D.INCIDENT, D.PLACE, D.CAMERA, D.ACCOUNT, READ), True, True, Logged.EACH)
    SIGHTING_VIEW = ("sighting.view", "See what the reader saw at a sighting of a followed vehicle, as the crews at the incident were told.", _FIELD, _touch(D.FOLLOW, D.DISPATCH, D.UNIT, READ), False, True, Logged.EACH)
    FOLLOW_STOP = ("follow.stop", "Follow a vehicle no more.", _FLOOR, _touch(D.FOLLOW, D.INCIDENT, READ, D.FOLLOW, D.INCIDENT, WRITE), False, False, Logged.EACH)
    FOLLOW_END = ("follow.end", "End what is followed with its incident, with its hour, with the approval of plate readers; forget its sightings an hour after the incident closed.", (R.MACHINE,), _touch(D.FOLLOW, D.INCIDENT, D.POLICY, READ, D.FOLLOW, D.INCIDENT, D.DISPATCH, WRITE), False, False, Logged.CHANGES)
    FOLLOW_KEEP = ("follow.keep", "Look up reads of a vehicle that somebody has just begun to follow; tell crews of those that came since.", (R.MACHINE,), _touch(D.CASE, D.HOT_LIST, D.POLICY, D.PLATE_READ, D.READER, D.INCIDENT, D.DISPATCH, D.UNIT, D.FOLLOW, READ, D.INCIDENT, D.DISPATCH, D.FOLLOW, WRITE), True, False, Logged.CHANGES)
    PLATES_COUNT = ("plates.count", "See how many plates readers near a camera read, and when; no plate.", _SWORN, _touch(D.PLATE_READ, READ), True, True, Logged.EACH)
    HOT_LIST_VIEW = ("hot_list.view", "See hot lists and their entries.", _SWORN, _touch(D.CASE, D.HOT_LIST, D.POLICY, READ), True, False, Logged.EACH)
    HOT_LIST_WITHDRAW = ("hot_list.withdraw", "Withdraw a hot-list entry, so that no read answers to it.", _SWORN, _touch(D.HOT_LIST, D.MACHINERY, READ, D.HOT_LIST, D.MACHINERY, WRITE), True, False, Logged.EACH)
    HOT_LIST_FEED = ("hot_list.feed", "Write one hot list as the machine of its owner.", (R.MACHINE,), _touch(D.HOT_LIST, D.MACHINERY, D.POLICY, READ, D.HOT_LIST, D.MACHINERY, D.POLICY, WRITE), True, False, Logged.CHANGES)
    HOT_LIST_IMPORT = ("hot_list.import", "Make a hot list, and import one from a file.", (R.SUPERVISOR, R.ADMINISTRATOR), _touch(D.HOT_LIST, D.MACHINERY, D.POLICY, READ, D.HOT_LIST, D.MACHINERY, D.POLICY, WRITE), True, False, Logged.EACH)
    HOT_LIST_PROPOSE = ("hot_list.propose", "Propose a manual hot-list entry; within an open incident put it in force for an hour.", _SWORN, _touch(D.HOT_LIST, D.LOOK_UP, D.POLICY, D.MACHINERY, READ, D.HOT_LIST, D.LOOK_UP, D.POLICY, D.MACHINERY, WRITE), True, True, Logged.EACH)
    HOT_LIST_APPROVE = ("hot_list.approve", "Approve or refuse another person's manual entry.", (R.SUPERVISOR, R.DETECTIVE), _touch(D.HOT_LIST, D.POLICY, D.MACHINERY, READ, D.HOT_LIST, D.POLICY, D.MACHINERY, WRITE), True, False, Logged.EACH)
    WATCH_VIEW = ("watch.view", "See watches, what they look for and how they stand; no read.", _SWORN, _touch(D.CASE, D.WATCH, D.PLATE_HIT, D.POLICY, D.ACCOUNT, READ), True, False, Logged.EACH)
    WATCH_PROPOSE = ("watch.propose", "Propose a watch for a case, and count what it would have brought in a week.", _SWORN, _touch(D.CASE, D.READER, D.PLATE_READ, D.HOT_LIST, D.LOOK_UP, D.POLICY, READ, D.LOOK_UP, D.POLICY, WRITE), True, True, Logged.EACH)
    WATCH_APPROVE = ("watch.approve", "Approve or refuse another person's watch; resume one that paused.", (R.SUPERVISOR, R.DETECTIVE), _touch(D.CASE, D.WATCH, D.POLICY, D.MACHINERY, READ, D.WATCH, D.POLICY, D.MACHINERY, WRITE), True, False, Logged.EACH)
    WATCH_WITHDRAW = ("watch.withdraw", "Withdraw a watch, so that no read answers to it.", _SWORN, _touch(D.WATCH, D.MACHINERY, READ, D.WATCH, D.MACHINERY, WRITE), True, False, Logged.EACH)
    WATCH_HITS = ("watch.hits", "See the reads that answered to a watch, for its case.", _SWORN, _touch(D.CASE, D.WATCH, D.PLATE_HIT, D.PLATE_PICTURE, D.READER, READ), True, True, Logged.EACH)
    POSSIBLE_HITS_VIEW = ("possible_hits.view", "See hits that alerted nobody: picture and reader, and of those that one judged blind, plate and entry.", _FLOOR, _touch(D.PLATE_HIT, D.PLATE_PICTURE, D.READER, D.HOT_LIST, D.POLICY, D.ALERT, D.ACCOUNT, READ), True, False, Logged.EACH)
    POSSIBLE_HITS_JUDGE = ("possible_hits.judge", "Type what the picture of a possible hit says, which is a verdict on its reader and alerts nobody; take one's own back within ten minutes.", _FLOOR, _touch(D.PLATE_HIT, D.PLATE_PICTURE, D.READER, D.HOT_LIST, D.POLICY, D.ALERT, D.ACCOUNT, READ, D.READER, WRITE), True, False, Logged.EACH)
    ALERT_BUDGET_VIEW = ("alert_budget.view", "See how many false alerts a shift may bring, and what thresholds would have cost; no plate.", (*_SWORN, R.CLERK, R.ADMINISTRATOR, R.AUDITOR), _touch(D.PLATE_HIT, D.READER, D.ALERT, D.HOT_LIST, D.POLICY, READ), False, False, Logged.EACH)
    LOOK_UPS_WATCH = ("look_ups.watch", "Judge look-ups of plates by keyed hashes, and draw some for a review outside the room.", (R.MACHINE,), _touch(D.LOOK_UP, D.AUDIT, D.MACHINERY, READ, D.LOOK_UP, D.MACHINERY, WRITE), False, False, Logged.CHANGES)
    LOOK_UPS_REVIEW = ("look_ups.review", "Review others' look-ups of plates from outside the room: what was sought, for what, and what came of it.", (R.AUDITOR,), _touch(D.LOOK_UP, D.AUDIT, D.AUDIT_PAYLOAD, D.ACCOUNT, D.POLICY, D.CAMERA, D.READER, D.MICROPHONE, D.CASE, D.INCIDENT, D.ALERT, D.UNIT, READ, D.LOOK_UP, WRITE), False, False, Logged.EACH)
    LOOK_UPS_OWN = ("look_ups.own", "See what was said of one's own look-ups of plates, as far as the center tells of it.", _STAFF, _touch(D.LOOK_UP, READ), False, False, Logged.EACH)
    LOOK_UPS_COUNT = ("look_ups.count", "See how many look-ups of plates were flagged, drawn and proper, and how many watches and searches for co-travellers there were; nobody's.", _STAFF, _touch(D.LOOK_UP, D.AUDIT, READ), False, False, Logged.EACH)
    STAFF_PLATES_OWN = ("staff_plates.own", "Say which plates are of one's own household, and see how many are known; nobody reads which.", _STAFF, _touch(D.LOOK_UP, D.ACCOUNT, READ, D.LOOK_UP, WRITE), False, False, Logged.EACH)
    STAFF_PLATES_VIEW = ("staff_plates.view", "See who said which plates are theirs, and how many; never which.", (R.SUPERVISOR, R.CLERK, R.ADMINISTRATOR, R.AUDITOR), _touch(D.LOOK_UP, D.ACCOUNT, READ), False, False, Logged.EACH)
    STAFF_PLATES_CHANGE = ("staff_plates.change", "Bring plates of staff in from a file, and forget somebody else's.", (R.SUPERVISOR, R.CLERK), _touch(D.LOOK_UP, D.ACCOUNT, READ, D.LOOK_UP, WRITE), False, False, Logged.EACH)
    # -- alerts, incidents, dispatch
    ALERTS_VIEW = ("alerts.view", "See the queue of alerts.", _FLOOR, _touch(D.ALERT, D.INCIDENT, D.ACCOUNT, READ), False, False, Logged.EACH)
    READS_COUNT = ("reads.count", "Learn how many plates were read near a sound that is reviewed, and none of them.", _FLOOR, _touch(D.ALERT, D.READER, D.PLATE_READ, READ), False, False, Logged.EACH)
    SOUND_PULL = ("sound.pull", "Ask a microphone for a few seconds of a sound that was located, where sound is authorised.", _FLOOR, _touch(D.ALERT, D.MICROPHONE, D.PULSE, D.POLICY, D.SOUND_CLIP, D.ACCOUNT, READ, D.SOUND_CLIP, WRITE), True, False, Logged.EACH)
    SOUND_HEAR = ("sound.hear", "Hear a clip of sound that was pulled, or see it drawn.", _FLOOR, _touch(D.ALERT, D.MICROPHONE, D.POLICY, D.SOUND_CLIP, D.ACCOUNT, READ), True, False, Logged.EACH)
    ALERT_REVIEW = ("alert.review", "Open an alert and review it: of a plate the picture, then the entry, then the verdict; of a sound what was located.", _FLOOR, _touch(D.CASE, D.ALERT, D.PLATE_HIT, D.PLATE_PICTURE, D.HOT_LIST, D.POLICY, D.INCIDENT, D.READER, D.MICROPHONE, D.PLACE, D.ACCOUNT, READ, D.ALERT, D.INCIDENT, D.OUTCOME, D.READER, D.MACHINERY, WRITE), True, False, Logged.EACH)
    HIT_CONFIRM = ("hit.confirm", "Ask the agency that entered a hit to confirm it, and keep its answer.", _FLOOR, _touch(D.INCIDENT, D.ACCOUNT, READ, D.INCIDENT, WRITE), False, False, Logged.EACH)
    ALERTS_ESCALATE = ("alerts.escalate", "Hand alerts that nobody claims to the supervisor; give back those whose holder signed out; close those whose entry answers no more; say which lists are stale, and which agencies owe a confirmation.", (R.MACHINE,), _touch(D.ALERT, D.INCIDENT, D.CREDENTIAL, D.HOT_LIST, D.CASE, D.POLICY, READ, D.ALERT, D.INCIDENT, D.HOT_LIST, WRITE), False, False, Logged.CHANGES)
    INCIDENT_OPEN = ("incident.open", "Open an incident for a call or for an officer in danger.", _FIELD, _touch(D.CASE, D.UNIT, D.INCIDENT, D.ACCOUNT, READ, D.INCIDENT, D.MACHINERY, WRITE), False, False, Logged.EACH)
    INCIDENTS_VIEW = ("incidents.view", "See incidents.", _FIELD, _touch(D.INCIDENT, D.DISPATCH, D.OUTCOME, D.UNIT, D.UNIT_POSITION, D.PLACE, D.CAMERA, D.ACCOUNT, READ), False, False, Logged.EACH)
    UNITS_LIST = ("units.list", "See units and who is on them, not where they are.", (R.ADMINISTRATOR,), _touch(D.UNIT, D.UNIT_POSITION, D.ACCOUNT, READ), False, False, Logged.EACH)
    UNITS_VIEW = ("units.view", "See units and where they are.", _FIELD, _touch(D.UNIT, D.UNIT_POSITION, D.ACCOUNT, READ), False, False, Logged.EACH)
    UNITS_CHANGE = ("units.change", "Create and retire units; say who is on them.", (R.SUPERVISOR, R.ADMINISTRATOR), _touch(D.UNIT, D.ACCOUNT, READ, D.UNIT, D.POLICY, D.CAMERA, WRITE), False, False, Logged.EACH)
    UNIT_POSITION = ("unit.position", "Report a unit's own position.", (R.OFFICER, R.MACHINE), _touch(D.UNIT, D.CAMERA, D.POLICY, READ, D.UNIT, D.UNIT_POSITION, D.CAMERA, D.POLICY, WRITE), False, False, Logged.CHANGES)
    DISPATCH_PROPOSE = ("dispatch.propose", "Ask which unit is nearest.", _FLOOR, _touch(D.INCIDENT, D.ALERT, D.CASE, D.UNIT, D.UNIT_POSITION, D.DISPATCH, D.PLACE, D.ACCOUNT, READ), False, False, Logged.EACH)
    DISPATCH_ASSIGN = ("dispatch.assign", "Send a unit.", _FLOOR, _touch(D.INCIDENT, D.ALERT, D.CASE, D.UNIT, D.UNIT_POSITION, D.DISPATCH, D.PLACE, D.ACCOUNT, READ, D.INCIDENT, D.UNIT, D.DISPATCH, WRITE), False, False, Logged.EACH)
    ASSIGNMENT_PROGRESS = ("assignment.progress", "Accept an assignment and report its progress.", (R.OFFICER, *_FLOOR), _touch(D.INCIDENT, D.UNIT, D.DISPATCH, D.ACCOUNT, READ, D.INCIDENT, D.UNIT, D.DISPATCH, WRITE), False, False, Logged.EACH)
    ASSIGNMENTS_VIEW = ("assignments.view", "See one's own assignments, what they rest on and the way there.", (R.OFFICER, *_FLOOR), _touch(D.INCIDENT, D.UNIT, D.DISPATCH, D.OUTCOME, D.PLATE_PICTURE, D.PLACE, D.ACCOUNT, READ), False, False, Logged.EACH)
    MESSAGE_SEND = ("message.send", "Send a message about an incident between its crews and the room, and say that one was seen.", (R.OFFICER, *_FLOOR), _touch(D.INCIDENT, D.UNIT, D.DISPATCH, D.ACCOUNT, READ, D.INCIDENT, D.DISPATCH, WRITE), False, False, Logged.EACH)
    OUTCOMES_VIEW = ("outcomes.view", "See what came of incidents.", (*_SWORN, R.OFFICER, R.AUDITOR), _touch(D.OUTCOME, D.INCIDENT, D.ALERT, D.ACCOUNT, READ), False, False, Logged.EACH)
    OUTCOME_RECORD = ("outcome.record", "Record what came of it.", (R.OFFICER, *_SWORN), _touch(D.INCIDENT, D.UNIT, D.DISPATCH, D.OUTCOME, D.ALERT, D.ACCOUNT, READ, D.INCIDENT, D.UNIT, D.DISPATCH, D.OUTCOME, D.ALERT, D.MACHINERY, WRITE), False, False, Logged.EACH)
    SOUND_OUTCOME = ("sound.outcome", "Say what came of a sound that was alerted.", (R.OFFICER, *_SWORN), _touch(D.ALERT, D.INCIDENT, D.UNIT, D.DISPATCH, D.OUTCOME, D.ACCOUNT, READ, D.ALERT, D.INCIDENT, D.OUTCOME, WRITE), False, False, Logged.EACH)
    SOUND_OUTCOME_AGREE = ("sound.outcome_agree", "Look a second time at what somebody else said that came of a sound, and agree or not.", _SWORN, _touch(D.ALERT, D.INCIDENT, D.OUTCOME, D.ACCOUNT, READ, D.INCIDENT, D.OUTCOME, WRITE), False, False, Logged.EACH)
    SOUND_MISS = ("sound.miss", "Enter gunfire that was not alerted, and how it was learnt of.", (R.OFFICER, *_SWORN), _touch(D.OUTCOME, D.PLACE, D.ACCOUNT, READ, D.OUTCOME, WRITE), False, False, Logged.EACH)
    SOUNDS_IMPORT = ("sounds.import", "Bring another vendor's alerts of sounds into the ledger: look at the file, take it.", (R.SUPERVISOR, R.ADMINISTRATOR, R.TECHNICIAN), _touch(D.OUTCOME, D.PLACE, READ, D.OUTCOME, WRITE), False, False, Logged.EACH)
    SOUNDS_COUNT = ("sounds.count", "See what came of sounds in figures, district by district and month by month; nobody's.", _STAFF, _touch(D.OUTCOME, D.ALERT, D.INCIDENT, D.CASE, D.DISPATCH, D.UNIT, D.MICROPHONE, READ), False, False, Logged.EACH)
    SOUNDS_PUBLISH = ("sounds.publish", "Publish what came of sounds in figures, small numbers together with others.", (R.MACHINE,), _touch(D.OUTCOME, D.ALERT, D.INCIDENT, D.CASE, D.DISPATCH, D.UNIT, D.MICROPHONE, READ), False, False, Logged.CHANGES)
    PLACES_IMPORT = ("places.import", "Import streets, buildings, districts and the basemap.", (R.ADMINISTRATOR, R.TECHNICIAN), _touch(D.PLACE, D.ACCOUNT, READ, D.PLACE, WRITE), False, False, Logged.EACH)
    PLACES_LOAD = ("places.load", "Load streets for routing, and the basemap for drawing.", (R.MACHINE,), _touch(D.PLACE, READ), False, False, Logged.NEVER)
    # -- exports
    CANVASS_VIEW = ("canvass.view", "See which cameras saw a place at a time, and how much of it each recorded; no pictures.", (*_SWORN, R.AUDITOR), _touch(D.CAMERA, D.FOOTAGE, D.POLICY, D.PLACE, D.AUDIT, D.OWNER, D.AGREEMENT, D.EXPORT, D.CASE, READ), False, False, Logged.EACH)
    CANVASS_PRESERVE = ("canvass.preserve", "Preserve for a case what cameras recorded of a place and time, and ask owners for theirs, in one act.", _SWORN, _touch(D.POLICY, D.CASE, D.AUDIT, D.MACHINERY, D.CAMERA, D.OWNER, D.AGREEMENT, D.ACCOUNT, D.EXPORT, READ, D.POLICY, D.MACHINERY, D.EXPORT, D.OWNER, WRITE), False, True, Logged.EACH)
    EXPORTS_VIEW = ("exports.view", "See who asked for which export, and what came of it; no pictures.", (*_SWORN, R.AUDITOR), _touch(D.EXPORT, D.CAMERA, D.POLICY, D.ACCOUNT, D.AUDIT, READ), False, False, Logged.EACH)
    EXPORT_ASK = ("export.ask", "Ask for an export of recorded video, or of plate reads that a search found.", _SWORN, _touch(D.EXPORT, D.CAMERA, D.FOOTAGE, D.PLATE_READ, D.READER, D.POLICY, D.CASE, D.AUDIT, D.AUDIT_PAYLOAD, D.ACCOUNT, READ, D.EXPORT, D.POLICY, WRITE), True, True, Logged.EACH)
    EXPORT_APPROVE = ("export.approve", "Approve or refuse another person's export.", (R.SUPERVISOR, R.DETECTIVE), _touch(D.EXPORT, D.POLICY, D.MACHINERY, READ, D.EXPORT, D.POLICY, D.MACHINERY, WRITE), False, False, Logged.EACH)
    EXPORT_CANCEL = ("export.cancel", "Cancel an export that one asked for, or as a supervisor any.", _SWORN, _touch(D.EXPORT, D.CAMERA, D.POLICY, D.ACCOUNT, READ, D.EXPORT, D.POLICY, WRITE), False, False, Logged.EACH)
    EXPORT_MAKE = ("export.make", "Cut an approved export of a camera, or pack one of plate reads, for the purpose and the case it was approved for.", (R.MACHINE,), _touch(D.EXPORT, D.CAMERA, D.CAMERA_SECRET, D.FOOTAGE, D.PLATE_READ, D.PLATE_PICTURE, D.PLATE_HIT, D.READER, D.AGREEMENT, D.POLICY, D.CASE, D.AUDIT, D.AUDIT_PAYLOAD, D.ACCOUNT, READ), True, True, Logged.EACH)
    EXPORT_FETCH = ("export.fetch", "Fetch an export, for the purpose and the case it was made for.", _SWORN, _touch(D.EXPORT, READ, D.EXPORT, WRITE), True, True, Logged.EACH)
    EXPORT_STATE = ("export.state", "Keep how far exports are; forget them on time, but what is held.", (R.MACHINE,), _touch(D.EXPORT, D.POLICY, D.MACHINERY, D.AUDIT, D.ACCOUNT, READ, D.EXPORT, D.MACHINERY, WRITE), False, False, Logged.CHANGES)
    EVIDENCE_VIEW = ("evidence.view", "See whom evidence was asked of, as an owner or a witness, and what came; nobody is named, and no file opened.", (*_SWORN, R.AUDITOR), _touch(D.EXPORT, D.CASE, READ), False, False, Logged.EACH)
    EVIDENCE_ASK = ("evidence.ask", "Ask an owner or a witness for what their camera has, for a case.", _SWORN, _touch(D.EXPORT, D.CASE, D.OWNER, D.AGREEMENT, D.ACCOUNT, READ, D.EXPORT, D.OWNER, WRITE), False, True, Logged.EACH)
    EVIDENCE_CHANGE = ("evidence.change", "Remind whoever was asked for evidence, hand a link over, or withdraw the request.", _SWORN, _touch(D.EXPORT, D.CASE, D.OWNER, D.ACCOUNT, READ, D.EXPORT, D.OWNER, WRITE), False, False, Logged.EACH)
    EVIDENCE_ANSWER = ("evidence.answer", "Take the answer of whoever was asked for evidence, by their link, and what they send.", (R.MACHINE,), _touch(D.EXPORT, D.CASE, READ, D.EXPORT, WRITE), False, False, Logged.CHANGES)
    EVIDENCE_FETCH = ("evidence.fetch", "Fetch what was sent, for the case that it was asked for.", _SWORN, _touch(D.EXPORT, D.CASE, READ), False, True, Logged.EACH)
    # -- upkeep
    RETENTION_SWEEP = ("retention.sweep", "Forget what is past its retention, with receipts.", (R.MACHINE,), _touch(*(d for d in D), READ, *(d for d in D), WRITE), False, False, Logged.CHANGES)
    RETENTION_LOOK = ("retention.look", "Say what is kept, since when, and what was not forgotten.", (R.MACHINE,), _touch(*(d for d in D), READ), False, False, Logged.CHANGES)
    RETENTION_VIEW = ("retention.view", "See what is kept since when, as storage was listed, and what was not forgotten on time.", (R.CLERK, R.SUPERVISOR, R.ADMINISTRATOR, R.AUDITOR), _touch(D.POLICY, D.MACHINERY, READ), False, False, Logged.EACH)
    FIGURES_COUNT = ("figures.count", "Count for a collector of figures: states, numbers and ages, no content of anything.", (R.MACHINE,), _touch(D.CAMERA, D.FOOTAGE, D.READER, D.HOT_LIST, D.WATCH, D.PLATE_HIT, D.LOOK_UP, D.ALERT, D.AUDIT, D.POLICY, D.MACHINERY, READ), False, False, Logged.CHANGES)
    HEALTH_VIEW = ("health.view", "See the health of the center.", (R.ADMINISTRATOR, R.TECHNICIAN, R.SUPERVISOR), _touch(D.MACHINERY, READ), False, False, Logged.EACH)
    # fmt: on

    def __init__(
        self,
        word: str,
        sentence: str,
        roles: tuple[R, ...],
        touches: frozenset[Touch],
        with_technology: bool,
        with_purpose: bool,
        logged: Logged,
    ) -> None:
        self.word = word
        self.sentence = sentence
        self.roles = frozenset(roles)
        self.touches = touches
        self.with_technology = with_technology
        self.with_purpose = with_purpose
        self.logged = logged
