"""What `/metrics` shows of the web: requests, times, open sockets. No label ever holds a name, a plate or an id."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Counts:
    """The web's own figures, in a registry of this process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "watchfloor_requests_total", "Requests answered.", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "watchfloor_request_seconds", "Time to answer.", ("route",), registry=self.registry
        )
        self.sockets = Gauge("watchfloor_sockets", "Open sockets.", ("kind",), registry=self.registry)

    def request(self, route: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """The figures in Prometheus' text form."""
        return generate_latest(self.registry)
