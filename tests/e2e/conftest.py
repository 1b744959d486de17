"""A house for each test, on ports and in a folder of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from tests.e2e.house import AUTHORITY, LOGIN, Desk, House
from tests.support.mail import MailServer
from tests.support.webhook import server_trust
from tests.support.yahoo import YahooServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return a house whose daemon has not been started yet; none may log a bug in any test."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / AUTHORITY))
    tls = server_trust(authority, "localhost")
    with YahooServer(tmp_path) as yahoo, Desk() as desk, MailServer(tls=tls, login=LOGIN) as mail:
        found = House(tmp_path, yahoo, desk, mail)
        try:
            yield found
        finally:
            found.close()
        assert found.bugs() == []
