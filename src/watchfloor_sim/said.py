"""What the demo says of each step, in a sentence for the person at the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from watchfloor_sim import menu

SENTENCES: Final = {
    "up": "the center is up: {http}",
    "people": "{invited} simulated people have accepted their invitations",
    "back": "{people} simulated people have signed in again",
    "authorised": "{technology}: in force, approved by {by} persons",
    "camera": "the camera is registered",
    "moved": "the cameras have another address: their port was taken",
    "streets": "the city is drawn: streets and map",
    "unit": "unit {call_sign} is on the street",
    "live": "the first live picture has come",
    "wanted": "a stolen car is on the hot list, entered by {by} persons",
    "trailer": "{name} stands at {place}, says how it is, and its lights can be switched",
    "furnished": "the city stands: {cameras} cameras, {readers} plate readers, {units} units",
    "read_on_video": "the first plate is read on the video of {camera}: see Plate readers, or search reads near it",
    "not_read_on_video": "whether plates are read on the video of {camera} is not told: {why}",
    "alert": "the stolen car passes; the alert is on the screen after {after_ms} ms",
    "confirmed": "reviewed blind and confirmed: incident {incident}",
    "proposed": "nearest unit: {unit}, by {how}, {eta_s:.0f} s",
    "outcome": "the outcome is recorded: {results}",
    "played": "the recording of that minute plays: {frames} pictures",
    "verified": "an outsider verifies the log, with {checkpoints} checkpoint(s) kept outside",
    "passed": "{what} passes the reader {where}",
    "called": "call {number}: {type}, {place}",
    "sent": "unit {unit} is sent to incident {incident}",
    "unit_state": "unit {unit} {state}",
    "microphones": "{microphones} microphones listen, by MQTT: what several of them hear is located",
    "heard": "shots are fired; {after_s} s later the screen says: {title}, {where}",
    "sound_confirmed": "{title}: confirmed by a person, incident {incident}",
    "sound_sent": "{after_s} s after the first shot unit {unit} is sent",
    "not_renewed": "the wanted entry could not be renewed: {why}",
    "unheard": "a reader is not heard: {reader}",
    "story": "{story}: {what}",
    "playing": "{story} is being played already",
    "broke_off": "{story} broke off: {why}",
    "left": "{what} is with {who}",
    "misread": "the reader {where} reports a wanted plate, and its picture shows another",
    "found_out": "found out in the review: {differs} The alert is {state}",
    "watched": "{camera} is watched; it is authorised until {until}",
    "told_why": "{camera} ended for the viewer: {why}",
    "let_go": "the recorder has let {camera} go",
    "camera_well": "{camera} is {says}",
    "camera_fails": "{camera} breaks off: {says}. {why}",
    "camera_back": "{camera} is {says} again",
    "shared": "{camera} is watched: its owner, a shop, shares it by an agreement",
    "preserved": "the last minute of {camera} is preserved for the case",
    "revoked": "the owner revokes, and {after_ms} ms later {camera} is dark for the viewer: {why}",
    "stays": "the owner's page says: {says}",
    "shared_again": "the owner has agreed anew, and {camera} is live again",
    "gap": "the time between reads in the timeline of {camera}: {says}",
    "ending": "ending; a second Ctrl-C does not wait",
    "ended": "everything has ended; what was recorded stays in {data}",
}


def invitation(people: Sequence[Mapping[str, str | None]], stories: Sequence[str]) -> str:
    """The links of the guests, and the menu where there is a terminal for it."""
    said = [
        "",
        "Be somebody. Each link opens once, and lets you choose a password; begin with the analyst's:",
        "",
    ]
    for guest in people:
        what = guest["link"] or "opened before: sign in with the password you chose"
        said.append(f"  {guest['role']:<14} {guest['name']:<20} {what}")
    said += ["", "A stolen car passes a reader in a minute; more comes by itself. Ctrl-C ends everything."]
    if stories:
        said += ["Or press a key here, and it begins:", "", *menu.lines(stories)]
    return "\n".join([*said, ""])
