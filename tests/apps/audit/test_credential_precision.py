"""How often what is called a credential is one, and how many of them are found, on the labelled lines."""

from __future__ import annotations

from apps.audit.facts import Facts
from apps.audit.facts.secrets.credentials import Credentials
from apps.audit.sources import from_memory
from tests.apps.audit.credential_samples import Sample, credentials, look_alikes

PRECISION, RECALL, FEWEST = 0.95, 0.90, 150


def lines_found(sample: Sample) -> list[int | None]:
    found = Facts(from_memory({sample.path: sample.text})).get(Credentials)
    assert found
    return [each.line for each in found.found]


def test_precision_and_recall() -> None:
    right, missed, invented = 0, list[Sample](), list[Sample]()
    samples = [*credentials(), *look_alikes()]
    for sample in samples:
        found = lines_found(sample)
        hit = sample.line is not None and sample.line in found
        right += hit
        if sample.line is not None and not hit:
            missed.append(sample)
        if any(line != sample.line for line in found):
            invented.append(sample)
    precision, recall = right / (right + len(invented)), right / (right + len(missed))
    print(f"{len(samples)} spans: precision {precision:.1%}, recall {recall:.1%}")
    assert len(samples) >= FEWEST
    assert precision >= PRECISION, "\n".join(f"{each.path}: {each.text}" for each in invented)
    assert recall >= RECALL, "\n".join(f"{each.path}: {each.text}" for each in missed)
