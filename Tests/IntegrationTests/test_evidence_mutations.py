"""Whatever is altered in an evidence pack, every verifier refuses it and says what is wrong.

The script gets all mutations of each pack. The server gets 200 of each, and of all packs together one of every kind and
of every place. The command, which is a process for each, gets one of every kind. Which ones is drawn by a seed that a
failure shows.
"""

import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from operator import attrgetter
from pathlib import Path

import pytest

from evidence import SCRIPT, CommandVerifier, EndpointVerifier, Sample, ScriptVerifier, Verdict, Verifier
from pack_mutations import Mutation, broken_texts, encode, harmless_changes, mutations

KINDS = ["observed, opened", "observed, public", "asserted, opened"]
SAMPLE_COUNT = 200

KIND, PLACE = attrgetter("kind"), attrgetter("place")
by_kind = pytest.mark.parametrize("kind", KINDS)


def sample_of(samples: list[Sample], kind: str) -> Sample:
    return next(sample for sample in samples if sample.name == kind)


def complaint(mutation: Mutation, verdict: Verdict) -> str | None:
    """What is wrong with a verdict on an altered pack, if anything is."""
    if verdict.is_valid:
        return f"accepted: {mutation}"
    if verdict.status != "unusable" and not verdict.failed & mutation.expected:
        return f"named {sorted(verdict.failed)}, not {sorted(mutation.expected)}: {mutation} ({verdict.notes})"
    return None


def assert_all_refused(verifier: Verifier, sample: Sample, altered: Iterable[Mutation], **allowed: bool) -> None:
    complaints, count = [], 0
    for count, mutation in enumerate(altered, 1):
        verdict = verifier.verify(mutation.data, sample.trust)
        if verdict.status == "unusable" and not allowed.get("unusable"):
            complaints.append(f"taken for no JSON: {mutation} ({verdict.notes})")
        elif found := complaint(mutation, verdict):
            complaints.append(found)
    assert not complaints, "\n".join([f"{len(complaints)} of {count} mutations:", *complaints[:40]])
    assert count > 0


def shuffled(altered: Iterable) -> list:
    seed, result = random.randrange(1 << 32), list(altered)
    print("seed", seed)
    random.Random(seed).shuffle(result)
    return result


def one_of_each(what: Callable[[Mutation], str], altered: list[tuple[Sample, Mutation]]) -> list:
    return list({what(mutation): (sample, mutation) for sample, mutation in altered}.values())


def all_altered(samples: list[Sample]) -> list[tuple[Sample, Mutation]]:
    return shuffled((sample, mutation) for sample in samples for mutation in mutations(sample.pack))


@by_kind
def test_a_good_pack_is_valid(
    samples: list[Sample],
    kind: str,
    script_verifier: ScriptVerifier,
    command_verifier: CommandVerifier,
    endpoint_verifier: EndpointVerifier,
):
    sample = sample_of(samples, kind)
    for verifier in (script_verifier, command_verifier, endpoint_verifier):
        verdict = verifier.verify(encode(sample.pack), sample.trust)
        assert verdict == Verdict("valid_unwitnessed"), verifier


@by_kind
def test_the_script_refuses_every_altered_pack(samples: list[Sample], kind: str, script_verifier: ScriptVerifier):
    sample = sample_of(samples, kind)
    altered = list(mutations(sample.pack))
    assert len(altered) > 1500
    assert_all_refused(script_verifier, sample, altered)


def test_the_server_refuses_altered_packs_of_every_kind_and_place(
    samples: list[Sample], endpoint_verifier: EndpointVerifier
):
    altered = all_altered(samples)
    chosen = one_of_each(KIND, altered) + one_of_each(PLACE, altered)
    for sample in samples:
        chosen += [pair for pair in altered if pair[0] is sample][:SAMPLE_COUNT]
    for sample, mutation in {id(mutation): (sample, mutation) for sample, mutation in chosen}.values():
        # The server may call what is too large or no object a bad request.
        assert_all_refused(endpoint_verifier, sample, [mutation], unusable=mutation.kind.startswith("text, "))


def test_the_command_refuses_altered_packs_of_every_kind(samples: list[Sample], command_verifier: CommandVerifier):
    for sample, mutation in one_of_each(KIND, all_altered(samples)):
        assert_all_refused(command_verifier, sample, [mutation])


@by_kind
def test_what_changes_nothing_is_accepted(
    samples: list[Sample],
    kind: str,
    script_verifier: ScriptVerifier,
    command_verifier: CommandVerifier,
    endpoint_verifier: EndpointVerifier,
):
    sample = sample_of(samples, kind)
    for change in harmless_changes(sample.pack, sample.unknown_line):
        for verifier in (script_verifier, command_verifier, endpoint_verifier):
            verdict = verifier.verify(change.data, sample.trust)
            assert verdict.is_valid, f"{change.kind}: {verdict}"


def test_what_is_no_json_can_not_be_verified(
    samples: list[Sample], script_verifier: ScriptVerifier, command_verifier: CommandVerifier
):
    sample = samples[0]
    for how, data in broken_texts(sample.pack).items():
        for verifier in (script_verifier, command_verifier):
            assert verifier.verify(data, sample.trust).status == "unusable", how


def test_a_pack_without_a_trusted_root_is_not_trusted(
    samples: list[Sample], tmp_path: Path, script_verifier: ScriptVerifier, command_verifier: CommandVerifier
):
    other_root, no_root = tmp_path / "other.pub", tmp_path / "none.pub"
    # RFC 8032, 7.1, test 1.
    other_root.write_text("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a # another\n")
    no_root.write_text("# nobody\n\n")
    for verifier in (script_verifier, command_verifier):
        for trust in (None, other_root, no_root):
            verdict = verifier.verify(encode(samples[0].pack), trust)
            assert verdict.status == "invalid" and verdict.failed == {"key_trusted"}, (trust, verdict)


def test_one_of_several_trusted_roots_is_enough(
    samples: list[Sample], tmp_path: Path, script_verifier: ScriptVerifier, command_verifier: CommandVerifier
):
    sample, several = samples[0], tmp_path / "several.pub"
    ours = sample.trust.read_text().strip()
    several.write_text(f"# two\nd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n  {ours} # ours\n")
    for verifier in (script_verifier, command_verifier):
        assert verifier.verify(encode(sample.pack), several).is_valid


def test_the_script_is_a_program(samples: list[Sample], tmp_path: Path):
    sample, good, bad, text = samples[0], tmp_path / "good", tmp_path / "bad", tmp_path / "text"
    good.write_bytes(encode(sample.pack))
    bad.write_bytes(encode({**sample.pack, "environment": "elsewhere"}))
    text.write_text("not JSON")
    trust = ["--trust", str(sample.trust)]
    for arguments, code, words in [
        ([good, *trust], 0, "valid_unwitnessed"),
        ([good, *trust, "--json"], 0, '"valid": true'),
        ([bad, *trust], 1, "projection"),
        ([bad, *trust, "--json"], 1, '"status": "invalid"'),
        ([good], 1, "no trusted root"),
        ([text, *trust], 2, ""),
        ([good, "--trust", text], 2, ""),
        ([good, *trust, "--keys", text], 2, ""),
        ([tmp_path / "missing", *trust], 2, ""),
        ([good, "--unknown"], 2, ""),
        ([], 2, ""),
    ]:
        command = [sys.executable, str(SCRIPT), *map(str, arguments)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert result.returncode == code, (arguments, result.stdout, result.stderr)
        assert words in result.stdout and bool(result.stdout) is (code != 2), (arguments, result.stdout)
