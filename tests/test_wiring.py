"""Each thing that a configuration asks for is there."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alertd import wiring
from alertd.channels.apprise import Apprise
from alertd.channels.console import Console
from alertd.channels.email import Email
from alertd.channels.templated import Templated
from alertd.channels.webhook import Webhook
from alertd.config.settings import (
    AlpacaSettings,
    AppriseSettings,
    Config,
    ConsoleSettings,
    EmailSettings,
    FinnhubSettings,
    HeartbeatSettings,
    Level,
    LogSettings,
    Manner,
    Poll,
    QuotesSettings,
    StoreSettings,
    Tls,
    WebhookSettings,
)
from alertd.core.bars import Split, Symbol
from alertd.core.calm import Calm, Rate
from alertd.core.parcels import alone
from alertd.core.rests import Rest
from alertd.core.splits import rescaled
from alertd.core.templates import Templates
from alertd.errors import ConfigError
from tests.support.build import almanac, at, found, rule
from tests.support.fakes import HandClock
from tests.support.feeds import Rests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alertd.config.settings import ChannelSettings
    from alertd.core.almanac import Almanac
    from alertd.quotes.failover import Failover

BABA = Symbol("BABA")
MAIL = EmailSettings("localhost", 2525, Tls.STARTTLS, "a@example.com", ("b@example.com",))
CHANNELS: dict[str, ChannelSettings] = {
    "here": ConsoleSettings(),
    "desk": WebhookSettings("https://example.com/hook"),
    "mail": MAIL,
    "phone": AppriseSettings("json://localhost"),
}


def config(channels: Mapping[str, ChannelSettings], **manners: Manner) -> Config:
    place, minute = Path("alertd.toml"), timedelta(minutes=1)
    return Config(
        place, (), channels, {}, Poll(minute, minute),
        StoreSettings(place), LogSettings(Level.INFO), manners=manners,
    )  # fmt: skip


def nothing(_symbol: Symbol) -> Almanac | None:
    return None


def test_each_configured_channel_is_built() -> None:
    routes = wiring.routes(config(CHANNELS), nothing)
    kinds = {name: type(route.channel) for name, route in routes.items()}
    assert kinds == {"here": Console, "desk": Webhook, "mail": Email, "phone": Apprise}
    assert routes["desk"].channel.deadline == timedelta(seconds=15)


def test_a_channel_has_its_manners() -> None:
    calm = Calm(rate=Rate(3, timedelta(hours=1)))
    own = Manner(calm, "mail", Templates(subject="{{ subject }}"))
    route = wiring.routes(config(CHANNELS, here=own), nothing)["here"]
    assert (route.calm, route.fallback) == (calm, "mail")
    assert isinstance(route.channel, Templated)


def test_a_channel_that_cannot_be_had_is_a_problem_of_the_configuration() -> None:
    wrong = {"phone": AppriseSettings("nosuchservice://token-that-is-secret")}
    with pytest.raises(ConfigError) as raised:
        wiring.routes(config(wrong), nothing)
    assert "channel.phone" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_only_mails_have_charts_and_only_of_symbols_with_a_history() -> None:
    routes = wiring.routes(config(CHANNELS), nothing)
    drawing = {name for name, route in routes.items() if route.picture}
    assert drawing == {"mail"}
    picture = routes["mail"].picture
    assert picture is not None
    assert picture(alone(found(rule("below 150"), 149, "09:31"))) is None


def test_without_the_extra_mails_have_no_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert wiring.pictures(lambda _symbol: almanac()) is None
    assert wiring.routes(config(CHANNELS), nothing)["mail"].picture is None


def test_a_chart_is_drawn_in_the_shares_of_its_message() -> None:
    ten, after = Split(at("09:30"), 10), found(rule("below 15"), 14.9, "09:31")
    old = almanac()
    days = tuple(rescaled(day, 0.1) for day in old.days)
    drawn = wiring.pictures(lambda _symbol: replace(old, days=days, splits=(ten,)))
    plain = wiring.pictures(lambda _symbol: replace(old, days=tuple(rescaled(d, 10) for d in days)))
    assert drawn is not None
    assert plain is not None
    assert drawn(alone(after)) == plain(alone(after)) != None  # noqa: E711 - and there is one


SECRETS = AlpacaSettings("key", "secret"), FinnhubSettings("token")


def asking(*names: str, per_minute: int = 60) -> Config:
    quotes = QuotesSettings(names, *SECRETS)
    minute = timedelta(minutes=1)
    poll = Poll(minute, minute, requests_per_minute=per_minute)
    return replace(config(CHANNELS), quotes=quotes, poll=poll)


def sources(settings: Config, folder: Path, store: Rests | None = None) -> Failover:
    return wiring.sources(
        settings, clock=HandClock(at("10:00")), store=store or Rests(), chance=lambda: 0.0,
        environ={"CACHE_DIRECTORY": str(folder)},
    )  # fmt: skip


def test_each_configured_source_is_there_in_its_order(tmp_path: Path) -> None:
    found = sources(asking("alpaca", "yahoo", "finnhub"), tmp_path)
    assert [source.name for source in found.sources] == ["alpaca", "yahoo", "finnhub"]
    assert found.name == "alpaca"
    (alone,) = sources(config(CHANNELS), tmp_path).sources
    assert alone.name == "yahoo"


def test_a_source_may_be_silent_for_as_long_as_the_user_says_of_a_symbol(tmp_path: Path) -> None:
    settings = replace(asking("yahoo", "alpaca"), stale_after={BABA: timedelta(minutes=42)})
    patience = sources(settings, tmp_path).patience
    assert (patience(BABA), patience(Symbol("MSFT"))) == (
        timedelta(minutes=42),
        settings.poll.stale_after,
    )


def test_the_first_source_is_asked_as_often_as_the_user_allows(tmp_path: Path) -> None:
    rooms = [each.room for each in sources(asking("yahoo", "alpaca", "finnhub"), tmp_path).sources]
    assert rooms == [60, 200, 60]
    first = asking("yahoo", "alpaca", per_minute=600)
    assert [each.room for each in sources(first, tmp_path).sources] == [600, 200]


def test_no_source_is_asked_more_often_than_it_allows_itself(tmp_path: Path) -> None:
    rooms = [
        sources(asking(name, "yahoo", per_minute=600), tmp_path).sources[0].room
        for name in ("alpaca", "finnhub")
    ]
    assert rooms == [200, 60]


def test_a_source_that_was_to_be_left_alone_is_left_alone_after_a_restart(tmp_path: Path) -> None:
    kept = Rests({"yahoo": Rest(at("09:55"), at("10:05"), 1, "too many requests")})
    found = sources(asking("yahoo", "alpaca"), tmp_path, kept)
    assert [each.resting is not None for each in found.sources] == [True, False]
    assert found.room == 200


def test_a_proxy_that_cannot_be_used_is_a_problem_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://me:password@127.0.0.1:1")
    with pytest.raises(ConfigError) as raised:
        sources(asking("yahoo", "alpaca"), tmp_path)
    assert "quotes: the proxy" in str(raised.value)
    assert "password" not in str(raised.value)


def test_there_is_a_heartbeat_only_where_one_is_configured() -> None:
    plain = config(CHANNELS)
    assert wiring.heartbeat(plain) is None
    asked = replace(plain, heartbeat=HeartbeatSettings("https://example.com/ping"))
    assert wiring.heartbeat(asked) is not None


def test_a_heartbeat_that_cannot_be_had_is_a_problem_of_the_configuration() -> None:
    wrong = replace(config(CHANNELS), heartbeat=HeartbeatSettings("http://example.com/token"))
    with pytest.raises(ConfigError) as raised:
        wiring.heartbeat(wrong)
    assert "heartbeat" in str(raised.value)
    assert "token" not in str(raised.value)
