"""Every kind of event under every condition, as its reader sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from alertd.core.events import Kind
from alertd.core.headlines import subject
from alertd.core.messages import message
from alertd.core.parcels import alone
from alertd.core.rules import AlertId
from alertd.core.stories import distance
from tests.core.telling import FIGURES, SPLIT, YEAR_HIGH, text, told
from tests.support.build import at

if TYPE_CHECKING:
    from alertd.core.notices import Notice


def test_the_price_is_no_measure_of_a_volume() -> None:
    notice = replace(told("above 3", 3.1, 3.0, **FIGURES["volume"]), price_now=150.0)
    assert "The last price is $150.00, as of 2026-03-09" in text(notice)
    assert distance(notice) is None


def test_what_is_taken_back_says_what_was_told_and_when() -> None:
    notice = told("below 150", 149.6, 150.0, Kind.WITHDRAWN, about="fired")
    assert subject(notice) == "Taken back: BABA fell below $150.00, at $149.60"
    said = text(notice)
    assert "of $149.60 was seen at 2026-03-09 09:34 EDT (13:34 UTC), in a bar that could" in said
    assert "The bar has settled since in another shape, without it." in said


def test_a_recovery_that_is_taken_back_is_said_to_be_one() -> None:
    notice = told("below 150", 151.6, 150.0, Kind.WITHDRAWN, about="recovered")
    assert subject(notice) == "Taken back: BABA is back above $150.00, at $151.60"


def test_a_close_that_is_taken_back_is_said_to_have_changed() -> None:
    notice = told("below 150", 149.6, 150.0, Kind.WITHDRAWN, about="fired")
    said = text(replace(notice, hold="2 closes"))
    assert (
        "The close of 2026-03-09 09:34 EDT (13:34 UTC) was first given as $149.60. It has changed"
        in said
    )
    assert "in a bar" not in said
    ratio = told("above 20", 20.13, 20.0, Kind.WITHDRAWN, about="fired", **FIGURES["pe"])
    assert "The P/E at the close of 2026-03-09 09:34" in text(replace(ratio, hold="1 close"))
    recovered = told("below 150", 151.6, 150.0, Kind.WITHDRAWN, about="recovered")
    assert "in a bar that could still change" in text(replace(recovered, hold="2 closes"))


def test_a_split_is_told_with_both_numbers_and_with_what_to_write() -> None:
    notice = told("below 1000", 100.0, 100.0, Kind.SPLIT, origin=SPLIT)
    assert subject(notice) == "10:1 split of BABA: $1,000.00 is $100.00 now"
    assert "10:1 split: your level of $1,000.00 is $100.00 now. Write 100 into the" in text(notice)


def test_the_split_of_a_band_is_told_with_both_edges() -> None:
    origin = replace(SPLIT, price=1480.0)
    band = (148.0, 152.5)
    notice = told("inside 1480..1525", 148.0, 148.0, Kind.SPLIT, origin=origin, band=band)
    said = text(notice)
    assert "$1,480.00 to $1,525.00 is $148.00 to $152.50 now. Write [148, 152.5] into" in said


def test_one_message_tells_all_levels_that_a_split_rescales() -> None:
    notice = told("below 1000", 100.0, 100.0, Kind.SPLIT, origin=SPLIT)
    other = replace(
        notice.event, alert=AlertId("high"), level=120.0, origin=replace(SPLIT, price=1200.0)
    )
    both = replace(notice, together=(other,), names={AlertId("high"): "The old high"})
    assert subject(both) == "10:1 split of BABA: 2 levels are rescaled"
    lines = [line.strip() for line in text(both).splitlines()]
    assert "The last price is $100.00, as of 2026-03-09 09:34 EDT (13:34 UTC)." in lines
    assert lines[-1] == "2 alerts on BABA, severity warning. Quotes: yahoo."
    assert lines[lines.index("The new numbers:") + 1].startswith("a: ")
    assert distance(both) is None
    assert distance(notice) == 0
    assert "a: a in words: $1,000.00 is $100.00 now; write 100" in lines
    assert "high: The old high: $1,200.00 is $120.00 now; write 120" in lines


def test_a_level_that_is_refused_is_told_with_the_reason() -> None:
    why = "the analyst target of 1400 is refused: it is in CNY, the price in USD"
    notice = told("above analyst target", 150.0, 0.0, Kind.HELD, about=why)
    assert subject(notice) == "BABA: an alert is held, its level was refused"
    assert f"T{why[1:]}. The alert is held" in text(notice)
    assert "The last price is $150.00, as of" in text(notice)


def symbol(kind: Kind, since: str, minutes: int, **changes: Any) -> Notice:  # noqa: ANN401 - as above
    notice = told("below 150", 150.0, 150.0, kind, **changes)
    event = replace(
        notice.event, alert=AlertId("BABA"), bar_start=at(since),
        resolution=timedelta(minutes=minutes),
    )  # fmt: skip
    return replace(notice, event=event, condition=None, name="BABA", note="", asked="")


def test_silence_is_told_with_its_beginning_and_the_last_price() -> None:
    notice = symbol(Kind.STALE, "09:12", 22)
    assert subject(notice) == "No good price of BABA since 09:12 EDT; the session is open"
    said = text(notice)
    assert "Alerts on BABA cannot fire while none comes." in said
    assert "The last price is $150.00, as of 2026-03-09 09:34 EDT" in said
    assert "All alerts on BABA, severity warning." not in said.splitlines()[0]
    assert 'All alerts on "BABA"' not in said


def test_silence_since_another_day_says_the_day() -> None:
    notice = replace(symbol(Kind.STALE, "09:12", 22), detected_at=at("09:40", "2026-03-10"))
    assert subject(notice).startswith("No good price of BABA since 2026-03-09 09:12 EDT;")


def test_silence_without_any_price_tells_none() -> None:
    notice = replace(symbol(Kind.STALE, "09:12", 22, level=0.0, price=0.0), price_now=0.0)
    assert "last price" not in text(notice)


def test_silence_with_a_reason_says_it_and_nothing_of_the_session() -> None:
    notice = symbol(Kind.STALE, "09:12", 22, about="yahoo: BABA: may be delisted")
    assert subject(notice) == "No good price of BABA since 09:12 EDT"
    assert "The last attempt: yahoo: BABA: may be delisted." in text(notice)


def test_a_symbol_that_never_had_a_price_is_told_without_a_beginning() -> None:
    notice = symbol(Kind.STALE, "09:34", 0, about="yahoo: BABA: may be delisted")
    assert subject(notice) == "No price of BABA can be had"


def test_the_end_of_a_silence_is_told_with_its_length() -> None:
    notice = symbol(Kind.RESUMED, "10:00", 25)
    assert subject(notice) == "BABA is back after 25m"
    assert "None came from 2026-03-09 10:00 EDT (14:00 UTC) to 2026-03-09 10:25 EDT" in text(notice)


def test_a_symbols_own_event_has_no_condition_in_its_payload() -> None:
    payload = message(alone(symbol(Kind.STALE, "09:12", 22))).payload
    assert payload["type"] == "alert.stale"
    assert isinstance(data := payload["data"], dict)
    assert (data["alert"], data["condition"], data["distance_percent"]) == ("BABA", None, None)


def late(count: int) -> Notice:
    """Return a late notice that tells so many earlier events too, the newest of them first."""
    notice = told("below 150", 149.0, 150.0)
    earlier = [
        replace(notice.event, at=at("09:33") - timedelta(minutes=n), price=140.0 + n)
        for n in range(count)
    ]
    return replace(notice, late=True, together=tuple(earlier), detected_at=at("15:00"))


def test_late_events_of_one_alert_are_told_in_one_message_oldest_first() -> None:
    notice = late(2)
    assert subject(notice) == "BABA fell below $150.00, at $149.00 (late, with 2 before it)"
    lines = [line.strip() for line in text(notice).splitlines()]
    first = lines.index("2026-03-09 09:32 EDT  BABA fell below $150.00, at $141.00")
    assert lines[first - 1] == "Before that, found late as well:"
    assert lines[first + 1] == "2026-03-09 09:33 EDT  BABA fell below $150.00, at $140.00"


def test_of_many_late_events_the_newest_are_told_and_the_rest_counted() -> None:
    said = text(late(500))
    assert "470 more: see `alertd history`" in said
    assert said.count("BABA fell below $150.00, at $1") == 30
    assert "at $140.00" in said


def test_the_payload_of_a_named_level_says_where_it_comes_from() -> None:
    notice = told("below 52w high - 2%", 188.7, 188.82, origin=YEAR_HIGH, was=190.0)
    assert isinstance(data := message(alone(notice)).payload["data"], dict)
    assert data["asked"] == "52w high - 2%"
    assert data["origin"] == {"what": "52w high", "price": 192.67, "at": "2025-10-02T13:30:00Z"}
    assert (data["was"], data["of"], data["band"]) == (190.0, "price", None)


def test_the_distance_of_a_ratio_is_that_of_its_price() -> None:
    notice = replace(told("above 20", 20.13, 20.0, **FIGURES["pe"]), price_now=168.0)
    assert distance(notice) == 5.0
