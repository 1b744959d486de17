"""What do the bodies of a message look like?

Both are filled from one `Story`, so that text and HTML cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from alertd.core import pages

if TYPE_CHECKING:
    from jinja2 import Environment

    from alertd.core.stories import Story


@dataclass(frozen=True, slots=True)
class Templates:
    """A channel's own words, as Jinja2 templates; where one is None the built-in words stay."""

    subject: str | None = None
    text: str | None = None
    html: str | None = None


BUILT_IN = Templates()

_TEXT = """\
{% if story.banner %}{{ story.banner }}

{% endif %}
{{ story.headline }}.
{% for paragraph in story.paragraphs %}

{{ paragraph }}
{% endfor %}
{% if story.listed %}

{{ story.listing }}
{% for line in story.listed %}
  {{ line }}
{% endfor %}
{% endif %}
{% for section in story.sections %}

{{ section.title }}
{% for line in section.lines %}
  {{ line }}
{% endfor %}
{% endfor %}
{% if story.note %}

Note: {{ story.note }}
{% endif %}
{% for remark in story.notes %}

Note on {{ remark.whose }}: {{ remark.text }}
{% endfor %}
{% if story.others %}

Other levels from here:
{% for row in story.others %}
  {{ row.percent.rjust(8) }}  {{ row.price }}  {{ row.name }}
{% endfor %}
{% if story.more %}
  {{ story.more }}
{% endif %}
{% endif %}

{{ story.about }}
"""


def text(story: Story) -> str:
    """Return the plain body."""
    return _environment(escape=False).from_string(_TEXT).render(story=story)


def html(story: Story) -> str:
    """Return the HTML body, with a place for a chart; whatever the story holds is escaped."""
    return _environment(escape=True).from_string(pages.HTML).render(story=story)


@lru_cache(maxsize=2)
def _environment(*, escape: bool) -> Environment:
    # Imported here: only a message that is being written needs it, and `--help` does not wait.
    from jinja2 import Environment, StrictUndefined

    return Environment(
        autoescape=escape,  # noqa: S701 - the plain body is no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
