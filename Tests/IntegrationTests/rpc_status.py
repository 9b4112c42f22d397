"""Reading `google.rpc.Status` bodies in both encodings."""

import json

import requests
from google.protobuf import json_format
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status

from client import JSON, PROTOBUF

# https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
INVALID_ARGUMENT = 3
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
UNAVAILABLE = 14
UNAUTHENTICATED = 16


def media_type(response: requests.Response) -> str:
    return response.headers["Content-Type"].split(";")[0].strip().lower()


def status_of(response: requests.Response, encoding: str) -> Status:
    """The response's body as a Status, which must be written in `encoding` and say so."""
    assert media_type(response) == {"protobuf": PROTOBUF, "json": JSON}[encoding], response.headers
    if encoding == "protobuf":
        status = Status.FromString(response.content)
    else:
        status = json_format.Parse(response.content, Status())
        assert isinstance(json.loads(response.content)["code"], int)
    assert status.code != 0 and status.message, f"an empty Status: {response.content!r}"
    return status


def assert_status(response: requests.Response, http_status: int, word: str, encoding: str) -> Status:
    """Insists on the HTTP status and on a Status whose message starts with the contract's code word."""
    assert response.status_code == http_status, f"{response.status_code} {response.content!r}"
    status = status_of(response, encoding)
    assert status.message.split(":")[0].split(" ")[0] == word, status.message
    return status


def violated_fields(status: Status) -> list[str]:
    """The fields that the BadRequest details of a Status name."""
    fields = []
    for detail in status.details:
        assert detail.type_url == "type.googleapis.com/google.rpc.BadRequest"
        bad_request = BadRequest()
        assert detail.Unpack(bad_request)
        fields += [violation.field for violation in bad_request.field_violations]
    return fields
