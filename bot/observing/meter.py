"""What is counted and timed while the bot runs.

`Meter` does nothing, so that code measures without asking whether anybody looks. Where the health
endpoint is switched on, `PrometheusMeter` takes its place.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prometheus_client import CollectorRegistry

# Seconds. A click is answered in milliseconds; Discord gives up after three seconds.
_LATENCIES = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 10.0)
_DELAYS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)


class Meter:
    """Takes every measurement and keeps none."""

    def interaction(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        """One interaction was answered.

        Args:
            kind: "command", "autocomplete", "component" or "modal".
            name: of the command or of the button; a fixed set, for each is a row of its own.
            outcome: "ok", "refused" (a sentence for the person), "throttled", "expired", "failed".
            seconds: from its arrival here to the end of the work.
        """

    def database(self, operation: str, seconds: float) -> None:
        """A transaction ended; ``operation`` is "read" or "write"."""

    def loop_delay(self, seconds: float) -> None:
        """So much later than asked the event loop came back."""

    def picks_shown(self, kind: str, count: int) -> None:
        """So many picks were shown in a list of a kind."""

    def pick_outcome(self, outcome: str) -> None:
        """Somebody acted on a pick."""

    def model(self, name: str, version: str) -> None:
        """This bundle answers from now on."""

    def leader(self, leading: bool) -> None:
        """Whether this process does what only one may do."""

    def gateway(self, guilds: int, latencies: Mapping[int, float]) -> None:
        """How many servers are seen here, and each shard's heartbeat in seconds."""

    def timed_database(self, operation: str) -> _TimedDatabase:
        """Time a transaction, whatever becomes of it."""
        return _TimedDatabase(self, operation)


class _TimedDatabase:
    """The block that `Meter.timed_database` times. Of every click several, so no generator."""

    __slots__ = ("_meter", "_operation", "_started")

    def __init__(self, meter: Meter, operation: str) -> None:
        self._meter = meter
        self._operation = operation

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, *_: object) -> None:
        self._meter.database(self._operation, perf_counter() - self._started)


class PrometheusMeter(Meter):
    """Keeps the figures for Prometheus to fetch.

    Attributes:
        registry: of this meter alone, so that two bots in one process do not mix.

    Raises:
        ModuleNotFoundError: prometheus_client is not installed.
    """

    def __init__(self) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            GCCollector,
            Histogram,
            PlatformCollector,
            ProcessCollector,
        )

        self.registry: CollectorRegistry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._interactions = Counter(
            "osusume_interactions",
            "Interactions answered",
            ("kind", "name", "outcome"),
            registry=self.registry,
        )
        self._latency = Histogram(
            "osusume_interaction_seconds",
            "From an interaction's arrival to the end of the work",
            ("kind", "name"),
            buckets=_LATENCIES,
            registry=self.registry,
        )
        self._database = Histogram(
            "osusume_database_seconds",
            "Transactions, with the wait for their turn",
            ("operation",),
            buckets=_LATENCIES,
            registry=self.registry,
        )
        self._delay = Histogram(
            "osusume_event_loop_delay_seconds",
            "How late the event loop is",
            buckets=_DELAYS,
            registry=self.registry,
        )
        self._shown = Counter(
            "osusume_picks_shown", "Picks that were shown", ("kind",), registry=self.registry
        )
        self._outcomes = Counter(
            "osusume_pick_outcomes",
            "What people did about a pick",
            ("outcome",),
            registry=self.registry,
        )
        self._model = Gauge(
            "osusume_model_info",
            "The bundle that answers",
            ("name", "version"),
            registry=self.registry,
        )
        self._leader = Gauge(
            "osusume_leader", "1 where this process does the leader's jobs", registry=self.registry
        )
        self._guilds = Gauge(
            "osusume_guilds", "Servers that this process sees", registry=self.registry
        )
        self._heartbeat = Gauge(
            "osusume_gateway_latency_seconds",
            "Discord's answer to a heartbeat",
            ("shard",),
            registry=self.registry,
        )

    def interaction(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        """See `Meter`."""
        self._interactions.labels(kind, name, outcome).inc()
        self._latency.labels(kind, name).observe(seconds)

    def database(self, operation: str, seconds: float) -> None:
        """See `Meter`."""
        self._database.labels(operation).observe(seconds)

    def loop_delay(self, seconds: float) -> None:
        """See `Meter`."""
        self._delay.observe(seconds)

    def picks_shown(self, kind: str, count: int) -> None:
        """See `Meter`."""
        self._shown.labels(kind).inc(count)

    def pick_outcome(self, outcome: str) -> None:
        """See `Meter`."""
        self._outcomes.labels(outcome).inc()

    def model(self, name: str, version: str) -> None:
        """See `Meter`."""
        self._model.clear()
        self._model.labels(name, version).set(1)

    def leader(self, leading: bool) -> None:
        """See `Meter`."""
        self._leader.set(leading)

    def gateway(self, guilds: int, latencies: Mapping[int, float]) -> None:
        """See `Meter`."""
        self._guilds.set(guilds)
        for shard, seconds in latencies.items():
            self._heartbeat.labels(str(shard)).set(seconds)
