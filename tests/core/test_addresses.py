from __future__ import annotations

import pytest

from alertd.core.addresses import allow_problem, is_loopback, mailbox, masked


@pytest.mark.parametrize(
    "address", ["me@example.com", "alertd <me@example.com>", '"you@home, A" <me@example.com>']
)
def test_a_mailbox_is_found_with_and_without_a_name(address: str) -> None:
    assert mailbox(address) == "me@example.com"


@pytest.mark.parametrize(
    "address",
    [
        "", "me", "me@", "@example.com", "a@b@c", "me@example.com, you@example.com",
        "me@example.com\r\nBcc: you@example.com", "me@example.com\nX", "me @example.com>",
    ],
)  # fmt: skip
def test_what_is_not_one_mailbox_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="expected one mail address"):
        mailbox(address)


def test_masked_text_is_one_line_without_the_names_of_mailboxes() -> None:
    text = "5.1.1 <me@example.com>:\r\n user unknown\x1b[31m"

    assert masked(text) == "5.1.1 <***@example.com>: user unknown [31m"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["mail.example.com", "10.0.0.1", "localhost.example.com", ""])
def test_any_other_host_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "entry",
    [
        "localhost", "desk.lan", "Desk_1.Lan", "xn--bcher-kva.lan", "a1.b2", "0x.lan",
        "127.0.0.1", "::1", "10.0.0.0/8", "10.0.0.7/32", "fd00::/8", "64:ff9b::/96",
        "169.254.169.254",
    ],
)  # fmt: skip
def test_a_name_an_address_or_a_network_can_be_allowed(entry: str) -> None:
    assert allow_problem(entry) is None


@pytest.mark.parametrize(
    "entry",
    [
        "", " ", "*", "*.lan", "desk.lan:8080", "https://desk.lan/t0ken", "desk lan", "desk.lan\n",
        "bücher.lan", "-desk.lan", "desk..lan", "a" * 64, "a." * 127 + "aa",
        "10.0.0", "10.0.0.256", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0x", "010.0.0.1",
        "10.0.0.7/8", "10.0.0.0/33", "[::1]", "::1%lo\n",
    ],
)  # fmt: skip
def test_any_other_entry_is_refused_without_being_quoted(entry: str) -> None:
    problem = allow_problem(entry)

    assert problem is not None
    assert not problem.isspace()
    assert "t0ken" not in problem


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("0.0.0.0/0", "expected a part of the network, found the whole"),
        ("::/0", "expected a part of the network, found the whole"),
        ("0.0.0.0", "expected an address that one receiver can have"),
        ("::", "expected an address that one receiver can have"),
        ("224.0.0.0/4", "expected an address that one receiver can have"),
        ("ff02::1", "expected an address that one receiver can have"),
        ("::ffff:10.0.0.7", "expected an IPv4 address in its own form, found it as an IPv6 one"),
        ("::ffff:0:0/96", "expected an IPv4 address in its own form, found it as an IPv6 one"),
    ],
)
def test_what_would_allow_too_much_or_nothing_is_refused(entry: str, problem: str) -> None:
    assert allow_problem(entry) == problem
