"""Every way to alter one thing in an evidence pack, with the checks of which one has to say so.

A mutation is a pack's bytes, so that it can be what no JSON library writes: a member twice, a float, a lone surrogate.
"""

import base64
import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

FLAT = ("record_id", "audit_id", "run_id", "trace_id", "route_id", "provider", "environment", "prompt_version_id")
CONSTANTS = ("format", "verification_method", "signature_suite")
PROOF_CHECKS = frozenset({"signature", "key_trusted"})

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutation:
    kind: str
    place: str
    data: bytes
    expected: frozenset[str]
    """One of these checks has to fail."""

    def __str__(self) -> str:
        return f"{self.kind} at {self.place}"


@dataclass(frozen=True)
class Harmless:
    """A change that leaves a pack as good as it was."""

    kind: str
    data: bytes


def render(value: object, twice: Path | None = None, at: Path = ()) -> str:
    """JSON in which the member at `twice` is written two times."""
    if isinstance(value, dict):
        members = []
        for name, member in value.items():
            text = f"{json.dumps(name)}: {render(member, twice, (*at, name))}"
            members += [text, text] if (*at, name) == twice else [text]
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(render(item, twice, (*at, number)) for number, item in enumerate(value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def encode(value: object, twice: Path | None = None) -> bytes:
    return render(value, twice).encode()


def canonical(value: object) -> bytes:
    """As RFC 8785 has it, for the ASCII names and whole numbers that statements have."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def places(value: object, at: Path = ()) -> Iterator[Path]:
    """Every value inside another, from the outside in."""
    if isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield (*at, name)
            yield from places(item, (*at, name))


def lookup(value: object, path: Path) -> object:
    for step in path:
        value = value[step]
    return value


def altered(value: object, path: Path, alter: Callable[[object, str | int], None]) -> object:
    """A copy in which `alter` was called with the parent of the value at `path` and the last step to it."""
    result = copy.deepcopy(value)
    alter(lookup(result, path[:-1]), path[-1])
    return result


def replaced(value: object, path: Path, replacement: object) -> object:
    return altered(value, path, lambda parent, step: parent.__setitem__(step, replacement))


def removed(value: object, path: Path) -> object:
    return altered(value, path, lambda parent, step: parent.__delitem__(step))


def with_stranger(value: object, path: Path) -> object:
    result = copy.deepcopy(value)
    lookup(result, path)["stranger"] = "x"
    return result


def repeated(value: object, path: Path) -> object:
    return altered(value, path, lambda parent, step: parent.insert(step, copy.deepcopy(parent[step])))


def other_values(value: object) -> Iterator[tuple[str, object]]:
    """Values of the same type and of others."""
    if isinstance(value, str):
        middle = len(value) // 2
        for number in sorted({0, middle, len(value) - 1}):
            if value:
                letter = "1" if value[number] != "1" else "2"
                yield f"letter {number}", value[:number] + letter + value[number + 1 :]
        yield "longer", value + "0"
        yield "shorter" if value else "a letter", value[:-1] or "x"
        if value.swapcase() != value:
            yield "other case", value.swapcase()
        yield "null", None
        yield "number", 1
        yield "array", [value]
    elif isinstance(value, bool) or value is None:
        yield "string", "x"
        yield "false", value is None or not value
    elif isinstance(value, int):
        yield "one more", value + 1
        yield "string", str(value)
        yield "float", value + 0.5
    else:
        yield "null", None
        yield "string", "x"
        yield "other container", {} if isinstance(value, list) else []


def path_text(path: Path) -> str:
    return "/".join(map(str, path)) or "the pack"


def expected_at(path: Path) -> frozenset[str]:
    """The check that is about the value in this place, and `format`, which is for what has not the right shape."""
    match path:
        case ["proof", *_]:
            return PROOF_CHECKS | {"format"}
        case ["openings", *_]:
            name = "openings"
        case ["log", "leaf_hash"]:
            name = "leaf"
        case ["log", "index"]:
            name = "inclusion"
        case ["log", "tlog_proof"]:
            return frozenset({"inclusion", "checkpoint_signature", "format"})
        case ["keys", *_]:
            name = "key_trusted"
        case ["dsse", "signatures", 0, "keyid"]:
            return frozenset({"projection", "signature", "format"})
        case ["dsse", *_]:
            name = "signature"
        case [constant] if constant in CONSTANTS:
            name = "format"
        case _:
            name = "projection"
    return frozenset({name, "format"})


def narrow(expected: frozenset[str], before: object, after: object) -> frozenset[str]:
    """Digits exchanged for as many digits are no matter of `format`."""
    texts = [before, after]
    are_digits = all(isinstance(text, str) and set(text) <= set("0123456789abcdef") for text in texts)
    return expected - {"format"} if are_digits and len(before) == len(after) else expected


def member_mutations(pack: dict) -> Iterator[Mutation]:
    """Each value changed, removed, duplicated; a stranger in each object."""
    for path in [(), *places(pack)]:
        value, place, expected = lookup(pack, path), path_text(path), expected_at(path)
        inner = expected if path[:1] in (("proof",), ("openings",)) else frozenset({"format"})
        if isinstance(value, dict):
            yield Mutation("stranger", place, encode(with_stranger(pack, path)), inner)
        if path:
            for how, other in other_values(value):
                data = encode(replaced(pack, path, other))
                yield Mutation(f"changed, {how}", place, data, narrow(expected, value, other))
            yield from removals(pack, path, expected)
            yield from duplicates(pack, path, expected)


def removals(pack: dict, path: Path, expected: frozenset[str]) -> Iterator[Mutation]:
    is_whole_opening = len(path) == 2 and path[0] == "openings"
    if path == ("proof",) or is_whole_opening or is_export_event(pack, path):
        return  # Left out, they leave a good pack.
    if len(path) == 3 and path[:2] == ("keys", "events"):
        expected = frozenset({"key_trusted", "checkpoint_signature"})
    yield Mutation("removed", path_text(path), encode(removed(pack, path)), expected)


def is_export_event(pack: dict, path: Path) -> bool:
    """It is needed for `proof` alone."""
    if len(path) != 3 or path[:2] != ("keys", "events") or "proof" in pack:
        return False
    return statement_of(lookup(pack, path)["dsse"])["predicate"]["role"] == "export"


def duplicates(pack: dict, path: Path, expected: frozenset[str]) -> Iterator[Mutation]:
    if isinstance(path[-1], int):
        yield Mutation("duplicated item", path_text(path), encode(repeated(pack, path)), expected)
    else:
        yield Mutation("duplicated member", path_text(path), encode(pack, twice=path), frozenset({"format"}))


def byte_mutations(pack: dict) -> Iterator[Mutation]:
    """One bit of each byte of what is binary: the signature, the hashes of the audit path, the statement."""

    def flipped(data: bytes, number: int) -> bytes:
        return data[:number] + bytes([data[number] ^ 1 << number % 8]) + data[number + 1 :]

    path = ("dsse", "signatures", 0, "sig")
    signature = base64.b64decode(lookup(pack, path))
    for number in range(len(signature)):
        other = flipped(signature, number)
        enveloped = replaced(pack, path, text64(other))
        place = f"signature byte {number}"
        yield Mutation("flipped, envelope", place, encode(enveloped), frozenset({"signature"}))
        both = replaced(enveloped, ("signature",), "ed25519:" + other.hex())
        yield Mutation("flipped, everywhere", place, encode(both), frozenset({"signature"}))
        flat = replaced(pack, ("signature",), "ed25519:" + other.hex())
        yield Mutation("flipped, flat", place, encode(flat), frozenset({"projection"}))
    key = bytes.fromhex(pack["public_key"].removeprefix("ed25519:pk_"))
    for number in range(len(key)):
        data = encode(replaced(pack, ("public_key",), "ed25519:pk_" + flipped(key, number).hex()))
        yield Mutation("flipped", f"public key byte {number}", data, frozenset({"projection"}))
    payload = base64.b64decode(pack["dsse"]["payload"])
    for number in range(0, len(payload), 7):
        data = encode(replaced(pack, ("dsse", "payload"), text64(flipped(payload, number))))
        yield Mutation("flipped", f"payload byte {number}", data, frozenset({"signature"}))


def text64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def proof_places(pack: dict) -> Iterator[tuple[Path, bool]]:
    """Where log proofs are, and whether it is the record's own."""
    yield ("log", "tlog_proof"), True
    for number in range(len(pack["keys"]["events"])):
        yield ("keys", "events", number, "tlog_proof"), False


def proof_mutations(pack: dict) -> Iterator[Mutation]:
    """Each line of each log proof changed, removed, duplicated, exchanged with the next."""
    for path, is_own in proof_places(pack):
        text = lookup(pack, path)
        lines = text.removesuffix("\n").split("\n")
        note = lines.index("") + 1
        for number, line in enumerate(lines):
            expected = expected_of_line(number, note, is_own)
            for how, others in line_changes(lines, number):
                other = "\n".join(others) + "\n"
                if other != text:
                    data = encode(replaced(pack, path, other))
                    yield Mutation(f"line {how}", f"{path_text(path)} line {number}: {line[:12]}", data, expected)
        tails = {"no newline at the end": text[:-1], "one newline more": text + "\n", "carriage returns": None}
        for how, other in tails.items():
            other = text.replace("\n", "\r\n") if other is None else other
            expected = expected_of_line(note, note, is_own) | ({"inclusion"} if is_own else set())
            yield Mutation(f"text, {how}", path_text(path), encode(replaced(pack, path, other)), expected)


def expected_of_line(number: int, note: int, is_own: bool) -> frozenset[str]:
    """The audit path is a matter of `inclusion`, the note of `checkpoint_signature`, what parts them of both."""
    if not is_own:
        return frozenset({"key_trusted"})
    names = {"inclusion"} if number < note else set()
    return frozenset(names | ({"checkpoint_signature"} if number >= note - 2 else set()))


def line_changes(lines: list[str], number: int) -> Iterator[tuple[str, list[str]]]:
    line, before, after = lines[number], lines[:number], lines[number + 1 :]
    yield "removed", before + after
    yield "with a space", [*before, line + " ", *after]
    if line and not is_signature(line):
        yield "duplicated", [*before, line, line, *after]
    if after:
        yield "exchanged", [*before, after[0], line, *after[1:]]
    for letter in sorted({0, len(line) // 2, len(line) - 3} & set(range(len(line)))):
        other = "B" if line[letter] == "A" else "A"
        changed = line[:letter] + other + line[letter + 1 :]
        if not (is_signature(line) and number_of_signer(line) != number_of_signer(changed) and after):
            yield f"letter {letter}", [*before, changed, *after]


def is_signature(line: str) -> bool:
    return line.startswith("\u2014 ")


def number_of_signer(line: str) -> str:
    return line.rpartition(" ")[2][:6]


def statement_of(dsse: dict) -> dict:
    return json.loads(base64.b64decode(dsse["payload"]))


def payload_mutations(pack: dict) -> Iterator[Mutation]:
    """Each value of each signed statement, written into its envelope again."""
    envelopes = [(("dsse",), frozenset({"signature"}))]
    for number in range(len(pack["keys"]["events"])):
        envelopes.append((("keys", "events", number, "dsse"), frozenset({"key_trusted"})))
    for path, expected in envelopes:
        statement = statement_of(lookup(pack, path))

        def enclosed(body: bytes, path: Path = path) -> bytes:
            return encode(replaced(pack, (*path, "payload"), text64(body)))

        for inner in [(), *places(statement)]:
            value, place = lookup(statement, inner), f"{path_text(path)} payload {path_text(inner)}"
            if isinstance(value, dict):
                other = with_stranger(statement, inner)
                yield Mutation("signed, stranger", place, enclosed(canonical(other)), expected)
            if not inner:
                continue
            for how, other in other_values(value):
                data = enclosed(canonical(replaced(statement, inner, other)))
                yield Mutation(f"signed, changed, {how}", place, data, expected)
            yield Mutation("signed, removed", place, enclosed(canonical(removed(statement, inner))), expected)
            twice = render(statement, twice=inner) if isinstance(inner[-1], str) else None
            twice = twice or canonical(repeated(statement, inner)).decode()
            yield Mutation("signed, duplicated", place, enclosed(twice.encode()), expected)
        not_canonical = frozenset({"canonical"}) if path == ("dsse",) else expected
        for how, body in spellings(statement):
            yield Mutation(f"signed, {how}", path_text(path), enclosed(body), not_canonical)


def spellings(statement: dict) -> Iterator[tuple[str, bytes]]:
    """The same statement in other bytes."""
    body = canonical(statement)
    yield "spaces", json.dumps(statement, sort_keys=True, ensure_ascii=False).encode()
    yield "newline at the end", body + b"\n"
    yield "another order", json.dumps(dict(reversed(statement.items())), separators=(",", ":")).encode()
    yield "escape", body.replace(b'"_type"', b'"\\u005ftype"')
    yield "byte order mark", b"\xef\xbb\xbf" + body
    yield "trailing bytes", body + b"{}"
    yield "cut short", body[:-1]


def base64_mutations(pack: dict) -> Iterator[Mutation]:
    """Other spellings of the same bytes in base64, which is written in one way only."""
    for path in [("dsse", "payload"), ("dsse", "signatures", 0, "sig")]:
        text = lookup(pack, path)
        stem, padding = text.rstrip("="), len(text) - len(text.rstrip("="))
        others = {"newline": text[:4] + "\n" + text[4:], "space": text + " ", "more padding": text + "===="}
        if padding:
            alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            others["no padding"] = stem
            others["unused bits"] = stem[:-1] + alphabet[alphabet.index(stem[-1]) ^ 1] + "=" * padding
        if "+" in text or "/" in text:
            others["URL alphabet"] = text.replace("+", "-").replace("/", "_")
        for how, other in others.items():
            data = encode(replaced(pack, path, other))
            yield Mutation(f"base64, {how}", path_text(path), data, frozenset({"format", "signature"}))


def text_mutations(pack: dict) -> Iterator[Mutation]:
    """Texts that a lenient parser would read as the pack, and well-formed JSON that is none."""
    refused = frozenset({"format"})
    text = encode(pack).decode()
    values = {
        "a float": "1.5",
        "a large integer": str(2**53),
        "minus zero": "-0",
        "deep nesting": "[" * 40 + "]" * 40,
        "a lone surrogate": '"\\ud800"',
        "a lone surrogate in a name": '{"\\ud800": 1}',
    }
    texts = {how: text.replace('"timestamps": []', f'"timestamps": [{value}]') for how, value in values.items()}
    # In details, whose members nothing else would find fault with before their hash.
    for how, value in values.items() if '"value": {' in text else ():
        texts[how + " in details"] = text.replace('"value": {', f'"value": {{"extra": {value}, ', 1)
    texts |= {
        "a byte order mark": "\ufeff" + text,
        "more than 1 MiB": text + " " * (1 << 20),
        "an empty object": "{}",
        "an array": "[]",
        "a string": '"pack"',
        "null": "null",
        "a timestamp": text.replace('"timestamps": []', '"timestamps": [{"kind": "rfc3161"}]'),
    }
    for how, other in texts.items():
        assert other != text, how
        yield Mutation(f"text, {how}", "the pack", other.encode(), refused)


def mutations(pack: dict) -> Iterator[Mutation]:
    yield from member_mutations(pack)
    yield from byte_mutations(pack)
    yield from proof_mutations(pack)
    yield from payload_mutations(pack)
    yield from base64_mutations(pack)
    yield from text_mutations(pack)


def broken_texts(pack: dict) -> dict[str, bytes]:
    """What is no JSON at all."""
    data = encode(pack)
    return {
        "trailing bytes": data + b"{}",
        "cut short": data[:-1],
        "not UTF-8": data.replace(b'"timestamps"', b'"\xff"'),
        "overlong UTF-8": data.replace(b'"timestamps"', b'"\xc1\xb4imestamps"'),
        "not a number": data.replace(b'"timestamps": []', b'"timestamps": [NaN]'),
        "a comment": data + b"// end",
        "a trailing comma": data[:-1] + b",}",
        "a raw newline in a string": data.replace(b'"timestamps"', b'"time\nstamps"'),
        "a duplicate, then the end": data[:-1] + b', "format": 1',
        "nothing": b"",
    }


def harmless_changes(pack: dict, unknown_line: str) -> Iterator[Harmless]:
    """What leaves a pack as good as it was. `unknown_line` is a note's signature line by a key that nobody knows."""
    bare = {name: value for name, value in pack.items() if name != "proof"}
    yield Harmless("without `proof`", encode(bare))
    yield Harmless("indented", json.dumps(pack, indent=3).encode())
    yield Harmless("other order of members", json.dumps(dict(reversed(pack.items()))).encode())
    yield Harmless("escaped letters", encode(pack).replace(b'"format"', b'"\\u0066ormat"'))
    for number in range(len(bare["openings"])):
        yield Harmless(f"without opening {number}", encode(removed(bare, ("openings", number))))
    yield Harmless("openings in another order", encode({**bare, "openings": bare["openings"][::-1]}))
    signature = next(line for line in pack["log"]["tlog_proof"].split("\n") if is_signature(line))
    for kind, lines in [
        ("a line by an unknown key", [signature, unknown_line]),
        ("a line by an unknown key, first", [unknown_line, signature]),
        ("a valid line twice", [signature, signature]),
    ]:
        other = bare
        for path, _ in proof_places(bare):
            text = lookup(bare, path).replace(signature, "\n".join(lines), 1)
            other = replaced(other, path, text)
        yield Harmless(kind, encode(other))
