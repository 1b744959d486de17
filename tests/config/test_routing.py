"""Who is told of which alert."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from alertd.core.notices import Severity
from tests.config.builders import agreed, alert, channel, load, problem, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from alertd.core.alerts import Alert

TWO = channel(name="mail") + channel(name="phone")
CRITICAL = 'severity = "critical"'


def only(folder: Path, text: str) -> Alert:
    (found,) = load(folder, text).alerts
    return found


def test_alerts_have_from_the_defaults_what_they_do_not_say(tmp_path: Path) -> None:
    head = '[defaults]\nnotify = ["phone"]\nseverity = "critical"\nrepeat_every = "15m"\n'
    found = only(tmp_path, head + alert() + TWO)
    assert (found.notify, found.severity) == (("phone",), Severity.CRITICAL)
    assert found.repeat_every == timedelta(minutes=15)


def test_an_alerts_own_keys_win(tmp_path: Path) -> None:
    head = '[defaults]\nnotify = ["phone"]\nseverity = "info"\nrepeat_every = "15m"\n'
    own = alert('notify = ["mail"]', CRITICAL, 'repeat_every = "1m"')
    found = only(tmp_path, head + own + TWO)
    assert (found.notify, found.severity) == (("mail",), Severity.CRITICAL)
    assert found.repeat_every == timedelta(minutes=1)


@pytest.mark.parametrize("severity", ["info", "warning"])
def test_a_default_reminder_is_for_critical_alerts_only(tmp_path: Path, severity: str) -> None:
    head = '[defaults]\nrepeat_every = "15m"\n'
    assert only(tmp_path, head + alert(f'severity = "{severity}"')).repeat_every is None
    assert only(tmp_path, head + alert()).repeat_every is None
    assert only(tmp_path, head + alert(CRITICAL)).repeat_every == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("head", "own", "severity"),
    [("", "", "info"), ('[defaults]\nseverity = "warning"\n', "", "warning"),
     ('[defaults]\nseverity = "critical"\n', 'severity = "info"', "info")],
)  # fmt: skip
def test_an_alert_that_is_not_critical_cannot_remind(
    tmp_path: Path, head: str, own: str, severity: str
) -> None:
    found = problem(tmp_path, head + alert(own, 'repeat_every = "15m"'))
    assert found.where == "alert[1].repeat_every"
    assert found.what == f'only critical alerts remind, and this one is "{severity}"'


def test_an_alert_that_is_critical_by_default_can_remind(tmp_path: Path) -> None:
    head = '[defaults]\nseverity = "critical"\n'
    assert only(tmp_path, head + alert('repeat_every = "15m"')).repeat_every


def test_editors_see_what_cannot_remind(tmp_path: Path) -> None:
    lines = ("below = 150", 'repeat_every = "15m"')
    assert agreed(tmp_path, *lines, CRITICAL)
    assert not agreed(tmp_path, *lines, 'severity = "warning"')


def test_a_channel_is_spared_lesser_alerts(tmp_path: Path) -> None:
    phone = channel('min_severity = "warning"', name="phone")
    text = "".join(alert(f'severity = "{each}"', id=each) for each in Severity)
    found = load(tmp_path, text + channel(name="mail") + phone).alerts
    assert [each.notify for each in found] == [("mail",), ("mail", "phone"), ("mail", "phone")]


def test_what_an_alert_asks_for_itself_is_spared_too(tmp_path: Path) -> None:
    phone = channel(f"min_{CRITICAL}", name="phone")
    own = alert('notify = ["phone", "mail"]', 'severity = "warning"')
    assert only(tmp_path, own + channel(name="mail") + phone).notify == ("mail",)


@pytest.mark.parametrize(
    ("head", "lines"),
    [("", ()), ("", ('notify = ["phone"]',)), ('[defaults]\nnotify = ["phone"]\n', ())],
)
def test_an_alert_that_no_channel_would_tell_is_refused(
    tmp_path: Path, head: str, lines: tuple[str, ...]
) -> None:
    phone = channel('min_severity = "warning"', name="phone")
    found = problem(tmp_path, head + alert(*lines) + phone)
    assert found.where == "alert[1]"
    assert found.what == (
        'no channel tells it: it is "info", and channel.phone has min_severity = "warning"'
    )


def test_every_channel_that_would_not_tell_it_is_named(tmp_path: Path) -> None:
    channels = channel('min_severity = "warning"', name="mail")
    channels += channel(f"min_{CRITICAL}", name="phone")
    found = problem(tmp_path, alert() + channels)
    assert 'channel.mail has min_severity = "warning" and channel.phone has' in found.what


def test_a_wrong_severity_draws_no_second_complaint(tmp_path: Path) -> None:
    wrong = channel('min_severity = "high"', name="phone")
    assert problem(tmp_path, alert() + wrong).where == "channel.phone.min_severity"
    text = alert('severity = "high"', 'repeat_every = "15m"')
    assert problem(tmp_path, text).where == "alert[1].severity"


def test_a_channel_to_notify_by_default_must_be_configured(tmp_path: Path) -> None:
    found = problem(tmp_path, alert() + '[defaults]\nnotify = ["phnoe"]\n' + TWO)
    assert (found.where, found.hint) == ("defaults.notify", 'did you mean "phone"?')


def test_another_channel_stands_in(tmp_path: Path) -> None:
    phone = channel('fallback = "mail"', name="phone")
    config = load(tmp_path, alert() + channel(name="mail") + phone)
    assert config.manners["phone"].fallback == "mail"
    assert config.manners["mail"].fallback is None


def test_two_channels_may_stand_in_for_each_other(tmp_path: Path) -> None:
    mail = channel('fallback = "phone"', name="mail")
    config = load(tmp_path, alert() + mail + channel('fallback = "mail"', name="phone"))
    assert [each.fallback for each in config.manners.values()] == ["phone", "mail"]


def test_a_stand_in_is_another_channel_that_is_configured(tmp_path: Path) -> None:
    found = refusal(
        tmp_path,
        alert() + channel('fallback = "a"', name="a") + channel('fallback = "aa"', name="b"),
    )
    assert [(each.where, each.what) for each in found] == [
        ("channel.a.fallback", "expected another channel, found the channel itself"),
        ("channel.b.fallback", 'expected a configured channel, found "aa"'),
    ]
    assert found[1].hint == 'did you mean "a"?'


def test_who_is_told_does_not_change_what_an_alert_means(tmp_path: Path) -> None:
    plain = only(tmp_path, alert()).rule
    told = alert(CRITICAL, 'repeat_every = "15m"', 'notify = ["tty"]')
    calmed = channel('quiet = "22:00-07:00"', 'rate = "10/h"', 'text_template = "{{ text }}"')
    assert only(tmp_path, told + calmed).rule == plain


def test_alerts_of_older_configurations_keep_their_revisions(tmp_path: Path) -> None:
    text = alert('hold = "2 closes"', "recovery = true", id="lost")
    text += alert('rearm = "2%"', 'severity = "warning"', id="high", condition='above = "52w high"')
    text += alert('within = "1h"', id="spurt", condition='rises = "3%"')
    revisions = {each.rule.id: each.rule.revision for each in load(tmp_path, text).alerts}
    assert revisions == {
        "lost": "08c46813958dbc7b", "high": "cd13041af0afcf7f", "spurt": "848b2a631545f8d1"
    }  # fmt: skip
