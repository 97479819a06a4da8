"""What `/metrics` shows, in Prometheus' form: the web's own figures, and those that were gathered of the other processes.

No label ever holds a name, a plate or an id: each has few values, known beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_AGE: Final = "_age_seconds"

# Every figure with a sentence; docs/operate/figures.md is written from this.
FIGURES: Final[Mapping[str, str]] = {
    "http_requests_total": "Requests answered, by `route` (the template), `status` and `kind` of error (`ok` for none).",
    "http_request_duration_seconds": "Time to answer, by `route` (a histogram).",
    "events_sockets": "Open events sockets.",
    "subscriptions": "Lists that are watched, by `topic`.",
    "live_viewers": "Live pictures that somebody watches.",
    "live_cameras": "Cameras that are taken live for them.",
    "process_up": "1 for each of the center's processes on this machine that lives, 0 for one that does not, by `process`.",
    "process_start_time_seconds": "When it was started, since 1970: it changes when a process was started again.",
    "process_cpu_seconds_total": "CPU it has used since, with what it started.",
    "process_resident_memory_bytes": "Memory it holds, with what it started; what processes share is told of each.",
    "engine_up": "1 where PostgreSQL and NATS answer the server, by `engine`; what rests on one that does not is left out.",
    "recorders": "Recorders that are alive, on all machines.",
    "cameras": "Cameras, by `state`.",
    "camera_outages": "Unplanned outages of cameras, by what these `shared`: `site`, `switch`, `power`, `recorder`, `box`, or `alone`.",
    "cameras_recorded_today": "Cameras by the `share` of the UTC day so far they recorded: `all`, `99` or `90` percent, `less`, `nothing`.",
    "recorded_frames": "Pictures in segments of the index that began in the last ten minutes.",
    "recorded_bytes": "Bytes of these segments.",
    "spool_waiting_rows": "Segments and gaps on this machine that are finished and wait for the store or the index.",
    "spool_refused_rows": "Those that were set aside: the index could not take them.",
    "spool_bytes": "Bytes in this machine's spool, those of segments being written included.",
    "spool_oldest_age_seconds": "How long the first of those that wait has waited; 0 where none waits.",
    "disk_up": "Of each directory of `objects.directories`, and the data directory's: 1 while its disk is well, 0 while it is taken out.",
    "disk_free_bytes": "Free bytes on each of these disks that is well.",
    "readers": "Plate readers, by `state`: `silent` and `lost` are against each one's own usual at this hour of the week.",
    "hot_lists": "Hot lists, by `state`: `fresh`, `stale` (their source should have been heard again), `by_hand`.",
    "plate_watches": "Watches, by `state`: `watching`, or `paused` because they brought more hits than they may.",
    "reads_total": "Reads that readers reported and that were kept or matched.",
    "reads_repeated_total": "Reads that came again and were kept once.",
    "reads_refused_total": "Reads that could not be taken.",
    "video_pictures_total": "Pictures of cameras whose plates are read, by `outcome`: `looked`, or why they were not looked at.",
    "video_looking_cpu_seconds_total": "CPU that looking at them took.",
    "hits": "Hits of the last 24 hours.",
    "intake_messages": "Messages in the intake buffer.",
    "intake_bytes": "Bytes in the intake buffer.",
    "intake_oldest_age_seconds": "How long its first message has waited: how far `sense` is behind; 0 where none waits.",
    "sensor_messages": "Messages of sensors that came over MQTT and wait to be taken.",
    "sensor_oldest_age_seconds": "How long the first of them has waited; 0 where none waits.",
    "sensor_sign_ins_total": "Tries of sensors to come in over MQTT, by `outcome`: `let_in`, or why not. In `serve`, since it was started.",
    "quarantined_messages": "Messages in quarantine.",
    "alerts_open": "Alerts without a verdict, by `state`.",
    "jobs_stuck": "Jobs that failed too often.",
    "sweep_round_age_seconds": "Since `sweep` ended a round of forgetting (one a minute), or before the first since the agency began.",
    "sweep_failing_steps": "Steps of forgetting that fail.",
    "look_up_reviews_overdue": "Look-ups of plates whose review outside the room is overdue.",
    "log_entries_total": "Entries in the log, by the newest checkpoint that `ledger` signed.",
    "oldest_age_seconds": "How long ago the oldest day ended of `what` is kept, by listing storage once a day.",
    "oldest_most_age_seconds": "How old of it anything may be at most: an age that is greater is an alarm.",
    "retention_alarms": "What is wrong with forgetting, as `watchfloor check` says it.",
    "canary_gone_seconds": "When nothing was left of the newest canary, by the `minutes` kept (0: never; `3 pictures`: pictures alone).",
    "log_waiting_entries": "Entries that wait for their place in the log.",
    "log_checkpoint_age_seconds": "Since that checkpoint was signed, or before the first since the log began.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure with its values: under no label, or each under the value of its one label. `_total` only ever rises."""

    name: str
    values: Mapping[str, float]
    label: str | None = None

    @classmethod
    def of(cls, name: str, value: float) -> Figure:
        """A figure without a label."""
        return cls(name, {"": value})

    def with_those_of(self, other: Figure | None) -> Figure:
        """This and another agency's values together: ages are the greatest, all else the sum."""
        if other is None:
            return self
        both = max if self.name.endswith(_AGE) else float.__add__
        values = {name: float(value) for name, value in self.values.items()}
        for name, value in other.values.items():
            values[name] = both(values.get(name, 0.0), float(value))
        return Figure(self.name, values, self.label)


class Counts:
    """The web's own figures, in a registry of this process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            *_named("http_requests_total"), ("route", "status", "kind"), registry=self._registry
        )
        self._seconds = Histogram(
            *_named("http_request_duration_seconds"), ("route",), registry=self._registry
        )
        self.sockets = Gauge(*_named("events_sockets"), registry=self._registry)

    def request(self, route: str, status: int, kind: str, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(route, str(status), kind).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, gathered: Sequence[Figure]) -> bytes:
        """All figures in Prometheus' text form."""
        others = CollectorRegistry()
        others.register(_Gathered(gathered))
        return generate_latest(self._registry) + generate_latest(others)


class _Gathered(Collector):
    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        for figure in self._figures:
            family = CounterMetricFamily if figure.name.endswith("_total") else GaugeMetricFamily
            metric = family(*_named(figure.name), labels=[figure.label] if figure.label else [])
            for value_of, value in sorted(figure.values.items()):
                metric.add_metric([value_of] if figure.label else [], value)
            yield metric


def _named(name: str) -> tuple[str, str]:
    return f"watchfloor_{name}", FIGURES[name]
