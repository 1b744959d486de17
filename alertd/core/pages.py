"""What does the HTML of a message look like?

    what happened, large -> how and when -> what else was told -> chart -> note -> other levels

Mail clients differ in what they leave of a page. All that is needed stands in `style` attributes,
with the light colours, text and ground together; the one `<style>` block only adds the dark ones
and the room of a wide window, and the page is whole without it. Nothing is loaded from elsewhere.

Whatever is long breaks: `anywhere` where it is known, `break-word` where it is not.
"""

from __future__ import annotations

# Whoever sends the page puts a picture here, or nothing.
CHART = "<!-- chart -->"

_MACROS = """\
{% macro listing(title, lines) %}
{% if lines %}
<p style="margin:16px 0 4px;font-weight:bold">{{ title }}</p>
<ul style="margin:0 0 16px;padding:0;list-style:none">
{% for line in lines %}
<li class="line" style="margin:0;padding:6px 0;border-top:1px solid #dfe3e8">{{ line }}</li>
{% endfor %}
</ul>
{% endif %}
{% endmacro %}
{% macro remark(title, text) %}
<div class="note" dir="auto" style="margin:16px 0;padding:10px 14px;border-radius:6px;\
border-left:4px solid {{ story.accent }};background:#f1f3f6;color:#1d2129;white-space:pre-line">\
<strong>{{ title }}</strong> {{ text }}</div>
{% endmacro %}
"""

_ABOVE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<meta name="x-apple-disable-message-reformatting">
<title>{{ story.headline }}</title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (min-width: 560px) {
  .page { padding: 24px 16px !important; }
  .sheet { padding: 24px 32px 20px !important; border-radius: 10px !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background: #101216 !important; color: #e8eaee !important; }
  .sheet { background: #1b1e24 !important; color: #e8eaee !important; }
  .quiet { color: #a4abb6 !important; }
  .line { border-color: #363b44 !important; }
  .note { background: #262a32 !important; color: #e8eaee !important; }
  .banner { background: #43350f !important; color: #ffe2a0 !important; }
}
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#eef0f3;color:#1d2129;\
-webkit-text-size-adjust:100%;text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">\
{{ story.banner or (story.paragraphs | first | default(story.about, true)) }}</div>
<div class="sheet" style="box-sizing:border-box;max-width:600px;margin:0 auto;\
padding:18px 16px 16px;background:#ffffff;color:#1d2129;border-top:5px solid {{ story.accent }};\
font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;\
font-size:16px;line-height:1.5;overflow-wrap:anywhere;word-break:break-word">
{% if story.banner %}
<p class="banner" style="margin:0 0 16px;padding:8px 12px;border-radius:6px;background:#fff1cc;\
color:#5c3d00;font-weight:bold">{{ story.banner }}</p>
{% endif %}
<h1 style="margin:0 0 12px;font-size:24px;line-height:1.25;font-weight:bold">\
{{ story.headline }}</h1>
{% for paragraph in story.paragraphs %}
<p style="margin:0 0 12px">{{ paragraph }}</p>
{% endfor %}
{{ listing(story.listing, story.listed) }}
{% for section in story.sections %}
{{ listing(section.title, section.lines) }}
{% endfor %}
"""

_BELOW = """
{% if story.note %}
{{ remark("Note:", story.note) }}
{% endif %}
{% for each in story.notes %}
{{ remark("Note on " ~ each.whose ~ ":", each.text) }}
{% endfor %}
{% if story.others %}
<p style="margin:16px 0 4px;font-weight:bold">Other levels from here:</p>
<table style="width:100%;margin:0 0 16px;border-collapse:collapse;font-size:16px;line-height:1.4;\
color:inherit">
{% for row in story.others %}
<tr>
<td class="line" style="padding:6px 12px 6px 0;border-top:1px solid #dfe3e8;text-align:right;\
vertical-align:top;white-space:nowrap;font-variant-numeric:tabular-nums;width:1%">\
{{ row.percent }}</td>
<td class="line" style="padding:6px 0;border-top:1px solid #dfe3e8;vertical-align:top;\
overflow-wrap:anywhere;word-break:break-word"><strong>{{ row.price }}</strong>&ensp;\
<span class="quiet" style="color:#59606b">{{ row.name }}</span></td>
</tr>
{% endfor %}
</table>
{% if story.more %}
<p class="quiet" style="margin:-8px 0 16px;color:#59606b">{{ story.more }}</p>
{% endif %}
{% endif %}
<p class="quiet line" style="margin:20px 0 0;padding:12px 0 0;\
border-top:1px solid #dfe3e8;font-size:13px;color:#59606b">{{ story.about }}</p>
</div>
</body>
</html>
"""

HTML = _MACROS + _ABOVE + CHART + _BELOW
