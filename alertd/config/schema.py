"""How do editors know what may stand in the file?

As JSON Schema, from the same tables that read the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic.json_schema import GenerateJsonSchema

from alertd.config.file import File

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema


class _TomlSchema(GenerateJsonSchema):
    """TOML has no null, and defaults are told in the descriptions, as users write them."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - keys say it
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def schema() -> dict[str, object]:
    """Return the JSON Schema of the configuration file."""
    body = File.model_json_schema(schema_generator=_TomlSchema)
    return {"$schema": _TomlSchema.schema_dialect, **body, "title": "alertd"}
