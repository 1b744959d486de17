from __future__ import annotations

from ipaddress import ip_address

import pytest

from alertd.core.guard import Allowed, barred, is_public

# What stands for the metadata service of a cloud, as an IPv4 address inside an IPv6 one.
DISGUISES = (
    "::ffff:169.254.169.254", "::169.254.169.254", "::ffff:0:a9fe:a9fe", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1",
)  # fmt: skip
LINK_LOCAL = ("169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%lo")
NO_RECEIVERS = ("0.0.0.0", "::", "224.0.0.1", "239.1.2.3", "ff02::1", "::ffff:224.0.0.1")
AT_HOME = (
    "127.0.0.1", "127.8.8.8", "10.0.0.7", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "::1", "fd12::1", "::ffff:10.0.0.7", "::ffff:127.0.0.1",
)  # fmt: skip
RESERVED = (
    "0.1.2.3", "192.0.2.1", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255",
    "100::1", "2001:db8::1", "3fff::1", "fec0::1", "5f00::1",
)  # fmt: skip
PUBLIC = ("1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::64")

NOTHING = Allowed.of(())
DESK = Allowed.of(["desk.lan"])


def refused(address: str, *entries: str, host: str = "desk.lan") -> bool:
    return barred(host, [address], Allowed.of(entries)) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_gone_to(address: str) -> None:
    assert not refused(address)


@pytest.mark.parametrize("address", [*DISGUISES, *LINK_LOCAL, *NO_RECEIVERS, *AT_HOME, *RESERVED])
def test_any_other_address_may_not(address: str) -> None:
    assert refused(address)


@pytest.mark.parametrize("address", AT_HOME)
def test_a_listed_name_may_lead_to_this_machine_and_to_private_networks(address: str) -> None:
    assert not refused(address, "desk.lan")


@pytest.mark.parametrize("address", [*DISGUISES, *LINK_LOCAL, *NO_RECEIVERS, *RESERVED])
def test_a_listed_name_may_lead_nowhere_else(address: str) -> None:
    assert refused(address, "desk.lan")


@pytest.mark.parametrize("host", ["desk.lan", "DESK.LAN", "desk.lan."])
def test_a_listed_name_is_the_same_in_any_letters_and_with_a_last_dot(host: str) -> None:
    assert not refused("10.0.0.7", "Desk.lan", host=host)


@pytest.mark.parametrize("host", ["other.lan", "lan", "my.desk.lan", "desk.lan.example.com"])
def test_a_listed_name_allows_no_other_name(host: str) -> None:
    assert refused("10.0.0.7", "desk.lan", host=host)


@pytest.mark.parametrize("entry", ["10.0.0.7", "10.0.0.0/8", "10.0.0.7/32"])
@pytest.mark.parametrize("address", ["10.0.0.7", "::ffff:10.0.0.7"])
def test_a_listed_address_or_network_allows_itself_whatever_the_name(
    entry: str, address: str
) -> None:
    assert not refused(address, entry, host="any.example")


@pytest.mark.parametrize("address", ["192.168.0.7", "127.0.0.1", "::1", "fd00::7"])
def test_a_listed_network_allows_nothing_outside_it(address: str) -> None:
    assert refused(address, "10.0.0.0/8")


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("169.254.7.7", "169.254.7.7"), ("fe80::1%lo", "fe80::/10"),
        ("64:ff9b::102:304", "64:ff9b::/96"), ("198.18.0.1", "198.18.0.0/15"),
    ],
)  # fmt: skip
def test_a_reserved_address_is_allowed_by_being_listed_itself(address: str, entry: str) -> None:
    assert not refused(address, entry)


@pytest.mark.parametrize("address", NO_RECEIVERS)
def test_what_nobody_has_for_an_address_is_never_allowed(address: str) -> None:
    assert refused(address, "0.0.0.0/1", "224.0.0.0/3", "ff00::/7", "::/1", address)


@pytest.mark.parametrize("bad", ["10.0.0.7", "169.254.169.254", "::1"])
def test_one_address_that_is_barred_bars_them_all(bad: str) -> None:
    assert barred("desk.lan", [*PUBLIC, bad, *PUBLIC], NOTHING)


@pytest.mark.parametrize(
    ("host", "address", "allowed", "reason"),
    [
        (
            "desk.lan", "10.0.0.7", NOTHING,
            "desk.lan leads to 10.0.0.7, which is not public; list it in allow_hosts",
        ),
        ("10.0.0.7", "10.0.0.7", NOTHING, "10.0.0.7 is not public; list it in allow_hosts"),
        (
            "desk.lan", "169.254.169.254", DESK,
            (
                "desk.lan leads to 169.254.169.254, which is reserved; to allow it all the same, "
                "list 169.254.169.254 in allow_hosts"
            ),
        ),
        ("x.lan", "0.0.0.0", DESK, "x.lan leads to 0.0.0.0, which is no receiver's address"),
    ],
)  # fmt: skip
def test_a_refusal_says_where_it_would_have_gone_and_what_to_do(
    host: str, address: str, allowed: Allowed, reason: str
) -> None:
    assert barred(host, [address], allowed) == reason


@pytest.mark.parametrize("address", NO_RECEIVERS)
def test_what_nobody_has_for_an_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def test_the_whole_of_ipv6_but_what_is_assigned_is_not_public() -> None:
    firsts = [ip_address(first << 112) for first in range(0x10000)]

    assert {f"{int(each) >> 125:03b}" for each in firsts if is_public(each)} == {"001"}
