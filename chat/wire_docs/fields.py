"""What the models of the wire say of themselves, as tables."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from chat import protocol
from chat.protocol import Frame

Schema = dict[str, Any]


def summary(model: type[Frame]) -> str:
    """The docstring of a model, as paragraphs."""
    return inspect.cleandoc(model.__doc__ or "")


def table(model: type[Frame]) -> list[str]:
    """The fields of a model as the lines of a Markdown table."""
    schema = model.model_json_schema(ref_template="{model}")
    required = set(schema.get("required", ()))
    notes = _notes()
    lines = ["| field | type | |", "|---|---|---|"]
    # A command's id is inherited and so comes first; one writes the type first.
    every = sorted(schema.get("properties", {}).items(), key=lambda item: item[0] != "type")
    for name, field in every:
        is_needed = name in required or "const" in field
        type_text = kind_of(field) if is_needed else f"{kind_of(field)}, optional"
        note = notes.get((model.__name__, name), "")
        lines.append(f"| `{name}` | {type_text} | {note} |")
    return lines


def kind_of(field: Schema) -> str:
    """What may stand in a field, in a few words."""
    if "const" in field:
        return f'`"{field["const"]}"`'
    if "$ref" in field:
        return f"[{field['$ref']}](#{field['$ref'].lower()})"
    if "anyOf" in field:
        return " or ".join(kind_of(choice) for choice in field["anyOf"])
    if "enum" in field:
        return " or ".join(f'`"{value}"`' for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {kind_of(field['items'])}"
    if field.get("type") == "object":
        return f"object: id to {kind_of(field['additionalProperties'])}"
    return _plain(field)


def _plain(field: Schema) -> str:
    match field.get("type"):
        case "integer":
            return f"integer{_range(field)}"
        case "string" if field.get("format") == "date-time":
            return "time"
        case "string" if "pattern" in field:
            return f"string `{field['pattern'].strip('^$')}`"
        case "string" if "maxLength" in field:
            return f"string, at most {field['maxLength']:,} characters"
        case other:
            return {"number": "number", "boolean": "true or false"}.get(str(other), str(other))


def _range(field: Schema) -> str:
    least, most = field.get("minimum"), field.get("maximum")
    if most in (None, protocol.MAX_INTEGER):
        return "" if least is None else f", at least {least}"
    return f", {least} to {most}"


@cache
def _notes() -> dict[tuple[str, str], str]:
    """The sentences under the fields of the models, which only the source still has."""
    parts = [inspect.getsource(import_module(part.name)) for part in _parts()]
    return {key: note for text in parts for key, note in _read_notes(ast.parse(text))}


def _parts() -> list[pkgutil.ModuleInfo]:
    return list(pkgutil.iter_modules(protocol.__path__, f"{protocol.__name__}."))


def _read_notes(module: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    for model in module.body:
        if not isinstance(model, ast.ClassDef):
            continue
        for field, note in zip(model.body, model.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                match note:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        said = " ".join(text.split()).replace("``", "`")
                        yield (model.name, field.target.id), said
