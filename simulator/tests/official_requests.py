"""What a request must be by the official OpenAPI file: parameters and body."""

import re
from urllib.parse import parse_qs


def wrong(operation, template, request, tools) -> list[str]:
    """What a recorded request does that the file does not allow."""
    where = f"{request['method']} {request['path']} asks"
    found = _parameters(operation, template, request, tools) + _body(
        operation, request, tools
    )
    if operation.get("security") and "authorization" not in request["headers"]:
        found.append("no Authorization")
    return [f"{where}: {problem}" for problem in found]


def _parameters(operation, template, request, tools):
    query = parse_qs(request["query"], keep_blank_values=True)
    path = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template), request["path"])
    given = {
        "query": query,
        "path": {name: [value] for name, value in path.groupdict().items()},
        "header": {name: [value] for name, value in request["headers"].items()},
    }
    listed = operation.get("parameters", [])
    known = {parameter["name"] for parameter in listed if parameter["in"] == "query"}
    found = [f"query {name} is not in the file" for name in sorted(set(query) - known)]
    for parameter in listed:
        name, place = parameter["name"], parameter["in"]
        values = given[place].get(name.lower() if place == "header" else name)
        found += _parameter(parameter, values, tools)
    return found


def _parameter(parameter, values, tools):
    name = f"{parameter['in']} {parameter['name']}"
    if values is None:
        return [f"{name} is missing"] if parameter.get("required") else []
    schema = parameter["schema"]
    value = _read(tools.resolved(schema), values, tools)
    return [f"{name}: {problem}" for problem in tools.check(schema, value)]


def _read(schema, values, tools):
    """The value that the text stands for; the text itself where it cannot."""
    kind = schema.get("type")
    if kind == "array":
        items = tools.resolved(schema["items"])
        return [_read(items, [value], tools) for value in values]
    (text,) = values if len(values) == 1 else (",".join(values),)
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


def _body(operation, request, tools):
    promised = operation.get("requestBody")
    if not promised:
        return ["a body that nobody reads"] if request["hasBody"] else []
    if not request["hasBody"]:
        schemas = [tools.resolved(c["schema"]) for c in promised["content"].values()]
        needed = promised.get("required") or any(s.get("required") for s in schemas)
        return ["no body"] if needed else []
    kind = request["headers"].get("content-type", "").partition(";")[0]
    if kind not in promised["content"]:
        return [f"{kind} not in {sorted(promised['content'])}"]
    if "json" not in kind:
        return []
    schema, body = promised["content"][kind]["schema"], request["body"]
    return [*tools.check(schema, body), *_unknown(schema, body, tools)]


def _unknown(schema, value, tools, path=""):
    """Properties that no schema names: KSeF would ignore them without a word."""
    schema = tools.resolved(schema)
    if isinstance(value, list) and "items" in schema:
        for item in value:
            yield from _unknown(schema["items"], item, tools, path + "[]")
    if not isinstance(value, dict) or "properties" not in schema:
        return
    for name, held in value.items():
        if name not in schema["properties"]:
            yield f"{path}/{name} is not in the file"
        else:
            known = schema["properties"][name]
            yield from _unknown(known, held, tools, f"{path}/{name}")
