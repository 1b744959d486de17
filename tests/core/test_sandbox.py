from __future__ import annotations

import re
import tracemalloc

import pytest

from alertd.core import sandbox
from alertd.core.messages import message
from alertd.core.parcels import alone
from alertd.core.sandbox import EXAMPLE, FIELDS, problem, rendered
from tests.support.build import found, rule


def text(source: str, **fields: object) -> str:
    """Return what a text template makes of the example, with these fields changed."""
    return rendered(source, {**EXAMPLE, **fields}, escape=False)


def complaint(source: str, **fields: object) -> str:
    """Return what is said of a template that cannot be filled."""
    with pytest.raises(ValueError, match=r".") as error:
        text(source, **fields)
    return str(error.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{ name }}: {{ '%.2f' | format(price) }} {{ currency }}",
        "{% if gap %}gap{% endif %}",
        "{% for other in others %}{{ loop.index }} {{ other.name }}{% endfor %}",
        "{% set far = distance_percent | abs %}{{ far }}",
        "{% macro row(what) %}{{ what }}{{ caller and caller() }}{% endmacro %}{{ row(name) }}",
        "{% for number in range(3) %}{{ number }}{% endfor %}",
        "{% if note is not none %}{{ note | upper }}{% endif %}",
        "no field at all",
        *(f"{{{{ {field} }}}}" for field in FIELDS),
    ],
)
def test_a_template_that_can_be_filled_has_no_problem(source: str) -> None:
    assert problem(source) is None


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a\nb {{ pricee }}", "'pricee' is no field of a message (line 2); did you mean 'price'?"),
        ("{{ secret_token }}", "'secret_token' is no field of a message (line 1)"),
        ("{% if %}", "Expected an expression, got 'end of statement block' (line 1)"),
        ("{{ name", "unexpected end of template, expected 'end of print statement' (line 1)"),
        ("\n\n{% for x in others %}", "endfor"),
        ("{{ name | uper }}", "'uper' is no filter of Jinja2 (line 1); did you mean 'upper'?"),
        ("{{ name is strng }}", "'strng' is no test of Jinja2 (line 1); did you mean 'string'?"),
        ("{{ others | random }}", "'random' is no filter of Jinja2 (line 1)"),
        ("{{ lipsum() }}", "'lipsum' is no field of a message (line 1)"),
        ("a\n{% include 'x' %}", "a template cannot use another (line 2)"),
        ("{% extends 'x' %}", "a template cannot use another (line 1)"),
        ("{% import 'x' as y %}", "a template cannot use another (line 1)"),
        ("{% from 'x' import y %}", "a template cannot use another (line 1)"),
        ("{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "too deeply nested"),
    ],
)
def test_a_template_that_cannot_be_filled_says_why_and_where(source: str, words: str) -> None:
    assert words in str(problem(source))


@pytest.mark.parametrize(
    "source", ["{{ 'x' * 10**9 }}", "{{ 'x' | center(10**9) }}", "{{ 10**(10**9) }}"]
)
def test_looking_for_problems_computes_nothing(source: str) -> None:
    tracemalloc.start()
    found = problem(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found is None
    assert peak < 20_000_000


def test_a_template_is_filled_with_the_fields_of_a_message() -> None:
    source = "{{ name }}\n{% for other in others %}\n- {{ other.name }}\n{% endfor %}\nend\n"

    assert text(source) == "BABA below 150\n- 52-week low\nend\n"


def test_values_are_escaped_in_html_and_the_built_in_page_is_html() -> None:
    fields = {**EXAMPLE, "note": "<b>&</b>", "html": "<p>built in</p>"}

    assert rendered("{{ note }}{{ html }}", fields, escape=True) == (
        "&lt;b&gt;&amp;&lt;/b&gt;<p>built in</p>"
    )
    assert rendered("{{ note }}{{ html }}", fields, escape=False) == "<b>&</b><p>built in</p>"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a\n\n{{ pricee }}", "'pricee' is undefined (line 3)"),
        ("\n{{ origin.price }}", "'None' has no attribute 'price' (line 2)"),
        ("{{ others[7].name }}", "list object has no element 7 (line 1)"),
        ("{{ 1 / 0 }}", "division by zero (line 1)"),
        ("{{ price + name }}", "unsupported operand"),
        ("{% macro f() %}{{ f() }}{% endmacro %}\n{{ f() }}", "it calls itself for ever"),
        ("{% for n in range(10**6) %}{% endfor %}", "Range too big"),
        ("{% include '/etc/passwd' %}", "no loader for this environment"),
        ("", "it gives no text"),
        (" \n ", "it gives no text"),
        ("{{ 'x' * 100001 }}", "it gives more than 100 kB"),
        ("{{ '€' * 40000 }}", "it gives more than 100 kB"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(source: str, words: str) -> None:
    found = complaint(source)

    assert words in found
    assert found.isprintable()
    assert len(found) < 200


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''['__class__'] }}",
        "{{ '' | attr('__class__') | attr('__mro__') }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ '%s' | attr('format')('{0.__class__}') | attr('__class__') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.environ }}",
        "{{ joiner.__init__.__globals__ }}",
        "{{ namespace.__init__.__globals__ }}",
        "{{ range.__class__.__base__.__subclasses__() }}",
        "{{ others.append(1) }}",
        "{{ others[0].update({'name': 'x'}) }}",
        "{{ others | map(attribute='__class__') | join }}",
    ],
)
def test_a_template_reaches_nothing_but_its_fields_and_changes_none(source: str) -> None:
    found = complaint(source)

    assert "unsafe" in found or "undefined" in found or "has no attribute" in found


def test_control_characters_do_not_come_through() -> None:
    assert text("a\x00b\x1b[31m\r\n\tc\ud800") == "a b [31m\n\tc "


def test_the_fields_are_those_of_the_webhook_and_the_words() -> None:
    payload = message(alone(found(rule("below 150"), 149.62, "09:35"))).payload
    data = payload["data"]
    assert isinstance(data, dict)

    assert set(FIELDS) == {"subject", "text", "html", "type", "timestamp", *data}


def test_every_field_is_documented() -> None:
    words = set(re.findall(r"\w+", str(sandbox.__doc__)))

    assert set(FIELDS) <= words
