"""Types as JSON Schema, the way `/openapi.json` shows them: plain to people and to code generators.

A type's docstring describes it, and the `Attributes:` section of the docstring its fields.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec

Schema = dict[str, Any]

_REF = "#/components/schemas/{name}"
_JSON_TYPES = {str: "string", int: "integer", bool: "boolean", type(None): "null"}
_SCALARS = {"string", "integer", "number", "boolean", "null"}


def components(kinds: Iterable[type[msgspec.Struct]]) -> dict[str, Schema]:
    """The schemas of some types and of all that they are made of, by name."""
    # Sorted, as the order of a set changes from run to run, and the description must not.
    ordered = sorted(set(kinds), key=lambda kind: kind.__name__)
    _, schemas = msgspec.json.schema_components(ordered, ref_template=_REF)
    types = {part.__name__: part for kind in ordered for part in _parts_of(kind)}
    return {name: _component(types[name], schema) for name, schema in schemas.items()}


def reference(kind: type[msgspec.Struct]) -> Schema:
    """A reference to a type's component."""
    return {"$ref": _REF.format(name=kind.__name__)}


def one_of(kinds: Sequence[type[msgspec.Struct]]) -> Schema:
    """One of several components, told apart by the field that holds their tag."""
    tags = {str(kind.__struct_config__.tag): reference(kind)["$ref"] for kind in kinds}
    field = kinds[0].__struct_config__.tag_field
    return {
        "oneOf": [{"$ref": ref} for ref in tags.values()],
        "discriminator": {"propertyName": field, "mapping": tags},
    }


def parameters(kind: type[msgspec.Struct] | None) -> Iterator[tuple[str, bool, Schema]]:
    """The parameters that a type stands for: name, whether it is required, schema with its default."""
    if kind is None:
        return
    schema = msgspec.json.schema(kind)["$defs"][kind.__name__]
    texts = _field_texts(kind)
    for name, value in schema["properties"].items():
        tidied = _tidy(value)
        if isinstance(tidied.get("type"), list):  # what is not given is left out, never null
            tidied["type"] = next(word for word in tidied["type"] if word != "null")
        if "enum" in tidied:
            tidied["enum"] = [choice for choice in tidied["enum"] if choice is not None]
        if tidied.get("default", "") in ("", None):
            tidied.pop("default", None)
        yield name, name in schema.get("required", ()), _with_text(tidied, texts.get(name, ""))


def text_of(kind: type) -> str:
    """What a docstring says, without the section on its fields."""
    return (inspect.getdoc(kind) or "").partition("\n\nAttributes:\n")[0]


def _component(kind: type[msgspec.Struct], schema: Schema) -> Schema:
    if kind.__struct_config__.forbid_unknown_fields:
        # A part of an answer. It is encoded with all of its fields, except for unset ones.
        always = [
            one.encode_name
            for one in msgspec.structs.fields(kind)
            if msgspec.UnsetType not in get_args(one.type)
        ]
        tag = kind.__struct_config__.tag_field
        schema = {**schema, "required": [tag, *always] if tag else always}
    tidied = _tidy(schema) | {"description": text_of(kind)}
    texts = _field_texts(kind)
    tidied["properties"] = {
        name: _without_default(_with_text(value, texts.get(name, "")))
        for name, value in tidied["properties"].items()
    }
    return tidied


def _field_texts(kind: type) -> dict[str, str]:
    """What the docstrings of a type and of those it inherits from say of its fields."""
    texts: dict[str, str] = {}
    for ancestor in reversed(kind.__mro__):
        _, _, section = inspect.cleandoc(ancestor.__doc__ or "").partition("\n\nAttributes:\n")
        for entry in re.split(r"\n(?= {4}\S)", section):
            name, colon, text = entry.strip().partition(":")
            if colon:
                texts[name] = " ".join(text.split())
    return texts


def _parts_of(hint: Any) -> Iterator[type[msgspec.Struct]]:
    """The structs that a type is made of, itself included."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        yield hint
        for field in msgspec.structs.fields(hint):
            yield from _parts_of(field.type)
    for part in get_args(hint):
        yield from _parts_of(part)


def _with_text(schema: Schema, text: str) -> Schema:
    """A field's schema with the field's own words before those of its type."""
    words = [part for part in (text, schema.get("description", "")) if part]
    return {**schema, "description": " ".join(words)} if words else schema


def _without_default(schema: Schema) -> Schema:
    """A field of a body: generators take one with a default for required, so words say what it is."""
    kept = {name: value for name, value in schema.items() if name != "default"}
    default = schema.get("default")
    if default in ("", None, []):
        return kept
    return _with_text(kept, f"`{msgspec.json.encode(default).decode()}` if it is left out.")


def _tidy(schema: Mapping[str, Any]) -> Schema:
    """A schema as a person would have written it."""
    kept: Schema = {name: value for name, value in schema.items() if name != "title"}
    if "properties" in kept:
        kept["properties"] = {name: _tidy(value) for name, value in kept["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(kept.get(name), dict):
            kept[name] = _tidy(kept[name])
    if kept.get("required") == []:
        del kept["required"]
    if "enum" in kept:
        kept["type"] = _JSON_TYPES[type(kept["enum"][0])]
    if "pattern" in kept:  # ECMA-262 knows no other end of a text than `$`
        kept["pattern"] = kept["pattern"].replace(r"\Z", "$")
    if "anyOf" in kept:
        kept |= _any_of([_tidy(option) for option in kept.pop("anyOf")])
    return kept


def _any_of(options: list[Schema]) -> Schema:
    """One of several schemas: a schema with several types, where that says the same."""
    numbers = [option for option in options if option.get("type") == "number"]
    # An integer is a number to JSON, and is said once.
    options = [
        one for one in options if one.get("type") != "integer" or {**one, "type": "number"} not in numbers
    ]
    types = [option.get("type") for option in options]
    keywords = [name for option in options for name in option if name != "type"]
    is_plain = _SCALARS.issuperset(types) and len(keywords) == len(set(keywords))
    if not is_plain or ("enum" in keywords and types[1:] != ["null"]):
        return {"anyOf": options}
    merged: Schema = {name: value for option in options for name, value in option.items()}
    merged["type"] = types
    if "enum" in merged:
        merged["enum"] = [*merged["enum"], None]
    return merged
