"""Logs, the health endpoint and the figures."""

import asyncio
import io
import json
import logging
import re

import aiohttp
import pytest

from bot.observing.health import HealthServer
from bot.observing.logs import HIDDEN, JsonFormatter, Redacting, TextFormatter, set_up
from bot.observing.loop import watch_loop
from bot.observing.meter import Meter, PrometheusMeter
from bot.services.errors import StartupError

# Of the shape of a token, and of nobody's bot.
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWsX_example"


@pytest.fixture
def quiet_root():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield root
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secret_reaches_a_log_whoever_logs_it(quiet_root, form) -> None:
    handler = set_up("DEBUG", form, secrets=("hunter2",))
    stream = io.StringIO()
    handler.setStream(stream)
    log = logging.getLogger("anybody")
    log.info("token %s", TOKEN)
    log.info("connecting to postgresql://osusume:s3cr3t@db/osusume")
    log.info(
        "POST https://discord.com/api/v10/webhooks/123456789/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MA/messages"
    )
    log.info("the password is hunter2", extra={"field": TOKEN})
    try:
        int(TOKEN)
    except ValueError:
        log.exception("failed")
    written = stream.getvalue()
    for secret in (TOKEN, "s3cr3t", "aW50ZXJhY3Rpb24", "hunter2"):
        assert secret not in written
    assert written.count(HIDDEN) >= 5
    assert "osusume:" in written
    assert "@db/osusume" in written


def test_a_json_log_is_one_object_a_line_with_what_was_added() -> None:
    record = logging.makeLogRecord(
        {"name": "bot", "levelname": "INFO", "msg": "two\nlines %d", "args": (2,), "shard": 3}
    )
    line = Redacting(JsonFormatter()).format(record)
    assert "\n" not in line
    said = json.loads(line)
    assert said["message"] == "two\nlines 2"
    assert said["shard"] == 3
    assert said["time"].endswith("+00:00")


def test_a_text_log_says_when_in_utc() -> None:
    record = logging.makeLogRecord({"name": "bot", "levelname": "INFO", "msg": "hello"})
    record.created, record.msecs = 0.25, 250
    assert TextFormatter().format(record) == "1970-01-01 00:00:00.250Z INFO    bot: hello"


async def works() -> None:
    return


async def fails() -> None:
    raise OSError


@pytest.fixture
async def ask():
    """Starts a health server and asks it for a path."""
    servers = []
    async with aiohttp.ClientSession() as session:

        async def _ask(path: str, meter: PrometheusMeter | None = None, **checks):
            server = HealthServer(meter or PrometheusMeter(), checks)
            servers.append(server)
            port = await server.start("127.0.0.1", 0)
            async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.status, await answer.text()

        yield _ask
    for server in servers:
        await server.close()


async def test_it_is_alive_even_when_nothing_else_works(ask) -> None:
    status, _ = await ask("/livez", database=fails)
    assert status == 200


async def test_it_is_ready_when_every_part_is(ask) -> None:
    status, body = await ask("/readyz", discord=works, database=works)
    assert status == 200
    assert json.loads(body) == {"ready": True, "discord": True, "database": True}


async def test_it_names_the_part_that_is_not_ready(ask) -> None:
    status, body = await ask("/readyz", discord=works, database=fails)
    assert status == 503
    assert json.loads(body) == {"ready": False, "discord": True, "database": False}


async def test_a_part_that_never_answers_is_not_ready(ask, monkeypatch) -> None:
    monkeypatch.setattr("bot.observing.health.CHECK_SECONDS", 0.05)
    status, body = await ask("/readyz", database=asyncio.Event().wait)
    assert status == 503
    assert not json.loads(body)["database"]


async def test_the_metrics_hold_every_figure(ask) -> None:
    meter = PrometheusMeter()
    meter.interaction("command", "recommend", "ok", 0.004)
    meter.interaction("component", "rate", "refused", 0.001)
    with pytest.raises(RuntimeError), meter.timed_database("write"):
        raise RuntimeError
    meter.loop_delay(0.003)
    meter.picks_shown("recommend", 4)
    meter.pick_outcome("rated")
    meter.model("linear", "310ab4deca32")
    meter.model("linear", "newer")
    meter.leader(True)
    meter.gateway(12, {0: 0.04})
    status, text = await ask("/metrics", meter)
    assert status == 200
    for line in (
        'osusume_interactions_total{kind="command",name="recommend",outcome="ok"} 1.0',
        'osusume_interactions_total{kind="component",name="rate",outcome="refused"} 1.0',
        'osusume_interaction_seconds_count{kind="command",name="recommend"} 1.0',
        'osusume_database_seconds_count{operation="write"} 1.0',
        "osusume_event_loop_delay_seconds_count 1.0",
        'osusume_picks_shown_total{kind="recommend"} 4.0',
        'osusume_pick_outcomes_total{outcome="rated"} 1.0',
        'osusume_model_info{name="linear",version="newer"} 1.0',
        "osusume_leader 1.0",
        "osusume_guilds 12.0",
        'osusume_gateway_latency_seconds{shard="0"} 0.04',
    ):
        assert line in text.splitlines()
    assert "310ab4deca32" not in text  # the bundle that answered before is no longer claimed


def test_every_measurement_of_prometheus_is_one_that_the_silent_meter_takes() -> None:
    measured = {name for name in vars(PrometheusMeter) if not name.startswith("_")}
    assert measured == {n for n in vars(Meter) if not n.startswith("_")} - {"timed_database"}


async def test_a_taken_port_is_a_sentence() -> None:
    first = HealthServer(PrometheusMeter(), {})
    port = await first.start("127.0.0.1", 0)
    with pytest.raises(StartupError, match=re.escape(f"127.0.0.1:{port}")):
        await HealthServer(PrometheusMeter(), {}).start("127.0.0.1", port)
    await first.close()


async def test_a_held_loop_is_measured_and_logged(caplog) -> None:
    class Watched(Meter):
        worst = 0.0

        def loop_delay(self, seconds: float) -> None:
            self.worst = max(self.worst, seconds)

    meter = Watched()
    task = asyncio.create_task(watch_loop(meter, every=0.01))
    await asyncio.sleep(0.03)
    __import__("time").sleep(0.7)
    await asyncio.sleep(0.03)
    task.cancel()
    assert meter.worst >= 0.5
    assert "event loop was held" in caplog.text
