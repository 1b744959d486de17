from __future__ import annotations

import pytest

from alertd.core.addresses import is_loopback, mailbox, masked


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
