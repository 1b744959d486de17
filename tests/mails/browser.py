"""A real browser that shows a page at a width of our choice, in light and in dark.

    with Browser(profile) as browser:
        shown = browser.show(html, Window(360, dark=True))

It is spoken to over a pipe: no port is opened, and nothing is fetched from anywhere.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from dataclasses import dataclass
from fcntl import F_DUPFD_CLOEXEC, fcntl
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

# What is asked of a page once it is shown.
_MEASURE = """
(async asked => {
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  const parse = said => {
    const found = said.match(/[\\d.]+/g).map(Number);
    return {rgb: found.slice(0, 3), alpha: found.length > 3 ? found[3] : 1};
  };
  const over = (top, below, alpha) => top.map((each, at) => each * alpha + below[at] * (1 - alpha));
  const light = rgb => rgb
    .map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = element => {
    if (!element) return matchMedia('(prefers-color-scheme: dark)').matches
      ? [18, 18, 18] : [255, 255, 255];
    const {rgb, alpha} = parse(getComputedStyle(element).backgroundColor);
    return alpha === 1 ? rgb : over(rgb, ground(element.parentElement), alpha);
  };
  const contrast = element => {
    const below = ground(element), ink = parse(getComputedStyle(element).color);
    const [a, b] = [light(over(ink.rgb, below, ink.alpha)), light(below)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const seen = [...document.body.querySelectorAll('*')]
    .filter(each => each.getClientRects().length && each.tagName !== 'BR');
  const words = seen.filter(each =>
    [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  const smallest = (of, least) => of.reduce((worst, each) => {
    const found = [least(each), each.textContent.trim().slice(0, 60)];
    return worst === null || found[0] < worst[0] ? found : worst;
  }, null);
  return {
    wide: document.documentElement.scrollWidth,
    tall: document.documentElement.scrollHeight,
    beyond: seen.filter(each => {
      const box = each.getBoundingClientRect();
      return box.right > asked + 0.5 || box.left < -0.5
        || each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline';
    }).map(each => `${each.tagName}: ${each.textContent.trim().slice(0, 60)}`),
    ground: light(ground(document.querySelector('h1'))),
    contrast: smallest(words, contrast),
    letters: smallest(words, each => parseFloat(getComputedStyle(each).fontSize)),
    pictures: [...document.images].map(each => [each.naturalWidth > 0, each.width, each.alt]),
    text: document.body.innerText,
  };
})"""


@dataclass(frozen=True, slots=True)
class Window:
    """How wide it is, and whether its user likes it dark."""

    width: int
    dark: bool = False

    def __str__(self) -> str:
        return f"{self.width}-{'dark' if self.dark else 'light'}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page looked like; `beyond` are elements that reach out of the window.

    `ground` is how bright it is behind the headline, from 0 to 1. `contrast` is the weakest of any
    text against its ground, `letters` the smallest size, each with the text. `pictures` are whether
    each was drawn, how wide, and its words.
    """

    wide: int
    tall: int
    beyond: list[str]
    ground: float
    contrast: tuple[float, str]
    letters: tuple[float, str]
    pictures: list[tuple[bool, int, str]]
    text: str


class Browser:
    """A headless Chromium with an empty profile while it is entered."""

    def __init__(self, profile: Path) -> None:
        path = self.path()
        assert path is not None
        self._program = [
            path, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
            f"--user-data-dir={profile}", "about:blank",
        ]  # fmt: skip
        self._asked, self._session = 0, ""

    @staticmethod
    def path() -> str | None:
        """Return where Chromium is; None where there is none."""
        return shutil.which("chromium") or shutil.which("chromium-browser")

    def __enter__(self) -> Self:
        orders, ask = os.pipe()
        answers, answer = os.pipe()
        # It reads its orders from descriptor 3 and answers on 4, where our own ends may be now.
        high = [fcntl(each, F_DUPFD_CLOEXEC, 10) for each in (orders, answer)]
        self._pid = os.posix_spawn(
            self._program[0],
            self._program,
            os.environ,
            file_actions=[
                *((os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_RDWR, 0) for each in range(3)),
                (os.POSIX_SPAWN_DUP2, high[0], 3),
                (os.POSIX_SPAWN_DUP2, high[1], 4),
            ],
        )
        for each in (orders, answer, *high):
            os.close(each)
        self._ask, self._answers = os.fdopen(ask, "wb", 0), os.fdopen(answers, "rb")
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        return self

    def __exit__(self, *_: object) -> None:
        # It ends when nobody can give it orders any more.
        self._ask.close()
        self._answers.close()
        os.waitpid(self._pid, 0)

    def show(self, page: str, window: Window, picture: Path | None = None) -> Shown:
        """Show a page and measure it; a picture of all of it is written where one is wanted."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if window.dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._size(window, 800)
        frame = self._call("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._call("Page.setDocumentContent", frameId=frame, html=page)
        answer = self._call(
            "Runtime.evaluate",
            expression=f"{_MEASURE}({window.width})",
            awaitPromise=True,
            returnByValue=True,
        )
        found = answer["result"]["value"]
        if picture is not None:
            self._size(window, found["tall"])
            shot = self._call("Page.captureScreenshot", format="png")
            picture.write_bytes(base64.b64decode(shot["data"]))
        return Shown(**found)

    def _size(self, window: Window, height: int) -> None:
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=window.width, height=height, deviceScaleFactor=1, mobile=window.width < 600,
        )  # fmt: skip

    def _call(self, method: str, **params: Any) -> dict[str, Any]:  # noqa: ANN401 - the protocol is JSON
        self._asked += 1
        order = {"id": self._asked, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        self._ask.write(json.dumps(order).encode() + b"\0")
        while True:
            answer = json.loads(self._answer())
            if answer.get("id") == self._asked:
                assert "result" in answer, f"{method}: {answer.get('error')}"
                result: dict[str, Any] = answer["result"]
                return result

    def _answer(self) -> bytes:
        whole = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            assert byte, "the browser is gone"
            whole += byte
        return bytes(whole)
