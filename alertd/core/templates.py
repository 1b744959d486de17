"""What do the bodies of a message look like?

Both are filled from one `Story`, so that text and HTML cannot disagree. The HTML is a single column
that sets no text or background colour: the reader's light or dark theme decides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

    from alertd.core.stories import Story

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
{% if story.others %}

Other levels from here:
{% for row in story.others %}
  {{ row.percent.rjust(8) }}  {{ row.price }}  {{ row.name }}
{% endfor %}
{% if story.more %}
  {{ story.more }}
{% endif %}
{% endif %}
{% if story.note %}

Note: {{ story.note }}
{% endif %}

{{ story.about }}
"""

_HTML = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ story.headline }}</title>
</head>
<body style="margin:0;padding:16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:34em;padding-left:14px;border-left:5px solid {{ story.accent }}">
{% if story.banner %}
<p style="margin:0 0 8px"><strong>{{ story.banner }}</strong></p>
{% endif %}
<h1 style="margin:0 0 12px;font-size:22px;line-height:1.25">{{ story.headline }}</h1>
{% for paragraph in story.paragraphs %}
<p style="margin:0 0 12px">{{ paragraph }}</p>
{% endfor %}
{% if story.listed %}
<p style="margin:0 0 4px">{{ story.listing }}</p>
<ul style="margin:0 0 12px;padding-left:20px">
{% for line in story.listed %}
<li>{{ line }}</li>
{% endfor %}
</ul>
{% endif %}
{% if story.note %}
<p style="margin:0 0 12px;white-space:pre-line"><strong>Note:</strong> {{ story.note }}</p>
{% endif %}
{% if story.others %}
<p style="margin:0 0 4px">Other levels from here:</p>
<ul style="margin:0 0 12px;padding-left:20px">
{% for row in story.others %}
<li><strong>{{ row.percent }}</strong> {{ row.price }} {{ row.name }}</li>
{% endfor %}
{% if story.more %}
<li>{{ story.more }}</li>
{% endif %}
</ul>
{% endif %}
<p style="margin:0;font-size:13px;opacity:.75">{{ story.about }}</p>
</div>
</body>
</html>
"""


def text(story: Story) -> str:
    """Return the plain body."""
    return _environment(escape=False).from_string(_TEXT).render(story=story)


def html(story: Story) -> str:
    """Return the HTML body; whatever the story holds is escaped."""
    return _environment(escape=True).from_string(_HTML).render(story=story)


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
