"""How is a value read that may lie outside the file?

Secrets, URLs, certificates, templates: as in `fields`, our own reader and the JSON Schema of each.
What the readers need of the machine comes as pydantic's context, a `secret.Surroundings`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import PlainValidator, ValidationInfo, WithJsonSchema

from alertd.config import addresses, secret, templates
from alertd.config.fields import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic.json_schema import JsonSchemaValue

    Reader = Callable[[object, secret.Surroundings], str]


def _elsewhere(**shapes: str) -> list[JsonSchemaValue]:
    return [
        {
            "type": "object",
            "properties": {place: text(pattern)},
            "required": [place],
            "additionalProperties": False,
        }
        for place, pattern in shapes.items()
    ]


def _around(info: ValidationInfo) -> secret.Surroundings:
    return cast("secret.Surroundings", info.context)


def _placed(read: Reader) -> PlainValidator:
    return PlainValidator(lambda value, info: read(value, _around(info)))


def _checked(read: Reader, check: Callable[[str], str]) -> PlainValidator:
    """Return the reader of a value that has a form; "" where it is not fetched."""

    def reader(value: object, info: ValidationInfo) -> str:
        found = read(value, _around(info))
        return check(found) if found else ""

    return PlainValidator(reader)


def _url(read: Reader) -> PlainValidator:
    def reader(value: object, info: ValidationInfo) -> str:
        found = read(value, _around(info))
        # Where one of these is wrong itself, that is complained about, not what follows from it.
        if not found or "allow_hosts" not in info.data:
            return found
        plain_http = bool(info.data.get("allow_http", True))
        return addresses.url(found, plain_http=plain_http, allowed=info.data["allow_hosts"])

    return PlainValidator(reader)


_SHAPES = {"env": secret.ENV, "file": ".+", "credential": secret.CREDENTIAL}
_TEXT = {"type": "string", "minLength": 1}
_SECRET = WithJsonSchema({"anyOf": [_TEXT, *_elsewhere(**_SHAPES)]})
_WORDS = WithJsonSchema({"anyOf": [_TEXT, *_elsewhere(file=".+")]})
_FILE = WithJsonSchema(_TEXT)

Url = Annotated[str, _url(secret.public), _SECRET]
UrlFile = Annotated[str, _url(secret.from_file), _FILE]
Service = Annotated[str, _checked(secret.secret, addresses.service), _SECRET]
ServiceFile = Annotated[str, _checked(secret.from_file, addresses.service), _FILE]
Signing = Annotated[str, _checked(secret.secret, addresses.signing_secret), _SECRET]
SigningFile = Annotated[str, _checked(secret.from_file, addresses.signing_secret), _FILE]
Secret = Annotated[str, _placed(secret.secret), _SECRET]
Key = Annotated[str, _checked(secret.secret, secret.key), _SECRET]
KeyFile = Annotated[str, _checked(secret.from_file, secret.key), _FILE]
Public = Annotated[str, _placed(secret.public), _SECRET]
SecretFile = Annotated[str, _placed(secret.from_file), _FILE]
Template = Annotated[str, _placed(templates.template), _WORDS]
Certificates = Annotated[
    Path, PlainValidator(lambda v, info: secret.certificates(v, _around(info))), _FILE
]
StorePath = Annotated[
    Path, PlainValidator(lambda v, info: secret.database(v, _around(info))), _FILE
]
