"""OTLP/JSON written and read by the rules of the specification, driven by the official message descriptors.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: trace and span ids are hex, enums are integers,
keys are lowerCamelCase; everything else is the proto3 JSON mapping.
"""

import base64
import json
import math

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

HEX_FIELDS = {"trace_id", "span_id", "parent_span_id"}
WIDE_INTEGERS = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}
NARROW_INTEGERS = {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_ENUM}


class NotOTLPJSON(ValueError):
    """A document breaks a rule of the encoding."""


def dumps(message: Message) -> bytes:
    return json.dumps(to_object(message), ensure_ascii=False).encode()


def loads(document: bytes) -> TracesData:
    return from_object(json.loads(document), TracesData())


def to_object(message: Message) -> dict:
    members = {}
    for field, value in message.ListFields():
        members[field.json_name] = (
            [_write(field, item) for item in value] if field.is_repeated else _write(field, value)
        )
    return members


def from_object(members: dict, message: Message, extra: frozenset[str] = frozenset()) -> Message:
    """Reads strictly: a key that the message does not have, unless it is in `extra`, is an error."""
    if not isinstance(members, dict):
        raise NotOTLPJSON(f"{message.DESCRIPTOR.name} is written as {members!r}")
    fields = {field.json_name: field for field in message.DESCRIPTOR.fields}
    for key, value in members.items():
        if key in extra:
            continue
        if key not in fields:
            raise NotOTLPJSON(f"{message.DESCRIPTOR.name} has no field {key}")
        _read_into(message, fields[key], value)
    return message


def _write(field: FieldDescriptor, value: object) -> object:
    if field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
        return to_object(value)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return value.hex() if field.name in HEX_FIELDS else base64.b64encode(value).decode()
    if field.cpp_type in WIDE_INTEGERS:
        return str(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _read_into(message: Message, field: FieldDescriptor, value: object) -> None:
    if field.is_repeated:
        if not isinstance(value, list):
            raise NotOTLPJSON(f"{field.full_name} is written as {value!r}")
        for item in value:
            if field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
                from_object(item, getattr(message, field.name).add())
            else:
                getattr(message, field.name).append(_read(field, item))
    elif field.cpp_type == FieldDescriptor.CPPTYPE_MESSAGE:
        getattr(message, field.name).SetInParent()
        from_object(value, getattr(message, field.name))
    else:
        setattr(message, field.name, _read(field, value))


def _read(field: FieldDescriptor, value: object) -> object:
    def insist(kind: type) -> None:
        if type(value) is not kind:
            raise NotOTLPJSON(f"{field.full_name} is written as {value!r}")

    if field.type == FieldDescriptor.TYPE_BYTES:
        insist(str)
        return bytes.fromhex(value) if field.name in HEX_FIELDS else base64.b64decode(value, validate=True)
    if field.cpp_type in WIDE_INTEGERS:
        insist(str)
        return int(value)
    if field.cpp_type in NARROW_INTEGERS:
        insist(int)
        return value
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return _read_double(field, value)
    insist(bool if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL else str)
    return value


def _read_double(field: FieldDescriptor, value: object) -> float:
    if value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if type(value) not in (int, float):
        raise NotOTLPJSON(f"{field.full_name} is written as {value!r}")
    return float(value)
