"""Settings of plates, which `settings.py` reads and hands out; nothing is read here."""

from __future__ import annotations

from dataclasses import dataclass

from watchfloor.kit.setting import setting


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """Plates read on the video of ordinary cameras."""

    cores: float = setting(
        1.0,
        "Processor cores that looking for plates may take on the average; what comes meanwhile is dropped.",
    )
    threads: int = setting(1, "Pictures that are looked at at once; more than `cores` gains nothing.")
    pictures_a_second: float = setting(
        2.0, "Pictures of one camera that are judged in a second while something moves on it, at most."
    )
    region: str = setting("us", "Whose plates pass here: us, eu or us,eu.")
    vehicle_detector: str = setting(
        "",
        "File of a detector of vehicles (ONNX) that looking is narrowed to; empty: whole pictures are looked at. None is shipped.",
    )
    vehicle_detector_sha256: str = setting(
        "", "SHA-256 of that file, 64 hex digits: another file is not used, and reading goes on without it."
    )


@dataclass(frozen=True, slots=True)
class CoTravelSettings:
    """Searches for who travelled with a vehicle, each for a case under a court's order and by two persons."""

    searches: str = setting(
        "off",
        "`off`, or `by_order`: they can be asked for under a court's order and approved by a second person.",
    )
    keep_days: int = setting(
        30, "Days that the vehicle and what was found are kept; who asked stays for oversight."
    )


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Watches: parts of plates and descriptions that coming reads are looked at for, each under a case."""

    longest_days: int = setting(14, "Days that a watch lasts at most.")
    most_per_shift: int = setting(
        25,
        "Hits that a watch may bring in eight hours: one that is expected to bring more is refused, one that does is paused.",
    )


@dataclass(frozen=True, slots=True)
class LookUpSettings:
    """Which look-ups of plates are reviewed outside the room."""

    repeats: int = setting(
        3, "In so many sittings one person looks the same plate up without a result before that is flagged."
    )
    within_days: int = setting(30, "Days within which those sittings count.")
    sitting_min: int = setting(
        60, "Minutes within which looking the same plate up again for the same case is one sitting."
    )
    keep_days: int = setting(
        90, "Days for which it is kept, as keyed hashes, who looked which plate up; at least `within_days`."
    )
    review_percent: float = setting(2.0, "Percent of searches that are drawn for a review outside the room.")
    draw_every_h: int = setting(24, "Hours after which is drawn of the searches since the last draw.")
    review_within_days: int = setting(14, "Days within which a look-up that is to be reviewed is due.")
    tell: str = setting(
        "always",
        "Of which reviews the person is told afterwards: `always`, `proper` (of those alone) or `never`.",
    )
    plates_required: str = setting(
        "no",
        "`yes`: nobody looks plates up before they have said which ones are of their own household, or that there are none.",
    )


@dataclass(frozen=True, slots=True)
class InboxSettings:
    """Files of reads that readers, or a server for SFTP, put into folders."""

    folder: str = setting(
        "", "The folder that holds one for each reader, an absolute path; empty: there is none."
    )
    settle_s: float = setting(
        5.0,
        "Seconds for which a file must stand still before it is taken; one that was renamed from a temporary name is taken at once.",
    )
    keep_failed_h: int = setting(
        72,
        "Hours for which a file that could not be taken is kept with its reason, but never longer than the reader's reads are.",
    )
