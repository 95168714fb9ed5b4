"""Says in OpenAPI 3.0 what FastAPI says in 3.1: 3.0 is the newest that the bundled page draws."""

from typing import Any

VERSION = "3.0.3"
IS_NULL = {"type": "null"}
NOTHING_BUT_NULL = {"type": "string", "nullable": True, "enum": [None]}  # 3.0 has no type for it


def as_3_0(document: dict[str, Any]) -> dict[str, Any]:
    """The same document; null, constants and notes beside references as 3.0 writes them."""
    converted: dict[str, Any] = _converted(document)
    return converted | {"openapi": VERSION}


def _converted(node: Any) -> Any:
    if isinstance(node, list):
        return [_converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "in" in node and "schema" in node:  # a parameter is there or not, but never null
        node = node | {"schema": _without_null(node["schema"])}
    found = {key: _converted(value) for key, value in node.items() if key != "anyOf"}
    if "anyOf" in node:
        found = _any_of(node["anyOf"], found)
    if node.get("type") == "null":
        found |= NOTHING_BUT_NULL
    if isinstance(node.get("type"), str) and "const" in found:
        found["enum"] = [found.pop("const")]
    if isinstance(found.get("$ref"), str) and len(found) > 1:
        found = {"allOf": [{"$ref": found.pop("$ref")}], **found}
    return found


def _any_of(choices: list[Any], beside: dict[str, Any]) -> dict[str, Any]:
    rest = [_converted(choice) for choice in choices if choice != IS_NULL]
    if len(rest) == len(choices):
        return beside | {"anyOf": rest}
    if len(rest) == 1 and "type" in rest[0] and "enum" not in rest[0]:
        return {**rest[0], **beside, "nullable": True}
    return beside | {"anyOf": [*rest, NOTHING_BUT_NULL]}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    rest = [choice for choice in schema.get("anyOf", []) if choice != IS_NULL]
    if not rest:
        return schema
    beside = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest[0], **beside} if len(rest) == 1 else {**beside, "anyOf": rest}
