"""The plain data that the judge works on: what it is told, what it answers.

Everything here is frozen: a rule can neither change the facts nor another rule's finding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Policy = Literal["hold", "known", "clean"]


class Outcome(StrEnum):
    """What becomes of a comment, from the mildest to the hardest."""

    PUBLISH = "publish"
    HOLD = "hold"
    SPAM = "spam"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one comment.

    ``points``: decibans; ten make spam ten times likelier, negative ones speak for the writer.
    ``detail``: a short English phrase for an editor.
    ``evaluated``: False where the rule could not run; such a finding has no points and bars approval.
    ``at_least``: the mildest outcome left open, whatever the points of all the rules say. It carries an
    editor's order (the blocklist), which is not evidence and so has no weight that could be outvoted.

    Raises ``ValueError`` for points that are not finite, or given by a rule that could not run.
    """

    rule: str
    points: float
    detail: str
    evaluated: bool = True
    at_least: Outcome = Outcome.PUBLISH

    def __post_init__(self) -> None:
        if not math.isfinite(self.points):
            raise ValueError(f"The points of {self.rule} are not finite: {self.points}.")
        if not self.evaluated and self.points:
            raise ValueError(f"{self.rule} was not evaluated, so it cannot give {self.points} points.")

    @classmethod
    def not_evaluated(cls, rule: str, detail: str) -> "Finding":
        """Answer for a rule that lacks a fact it needs; ``detail`` says which."""
        return cls(rule, 0.0, detail, evaluated=False)


def is_complete(findings: Sequence[Finding]) -> bool:
    """Say whether every rule could run. Where no rule ran at all, nothing is complete."""
    return bool(findings) and all(finding.evaluated for finding in findings)


@dataclass(frozen=True, slots=True)
class BlocklistEntry:
    """One line of the editors' blocklist: what to look for, and what to do where it is found.

    ``text``: as the editor typed it; a word or phrase, a domain or an email address, by ``kind``.
    """

    kind: Literal["word", "domain", "address"]
    text: str
    effect: Literal["hold", "spam"]


@dataclass(frozen=True, slots=True)
class CommenterRecord:
    """What editors decided about the earlier comments of a writer who has proved to be the same."""

    approved: int
    declined: int

    @property
    def is_good(self) -> bool:
        return self.approved >= 1 and self.declined == 0

    @property
    def is_bad(self) -> bool:
        return self.declined > self.approved


@dataclass(frozen=True, slots=True)
class Submission:
    """The facts about one comment, gathered before any rule runs.

    ``None`` always means "not known", except in ``record``.

    ``text``: the visible text of the body, without markup.
    ``links``: the targets of the links that readers would see in the body.
    ``honeypot``: what came in the field that people do not see.
    ``sender_verified``: True if the browser said that the form came from this site, None if it did not say.
    ``record``: None for a writer who has proved nothing; a typed name or address proves nothing.
    ``repeats``: how many other comments of the last 90 days on this site have the same text.
    """

    author_name: str
    author_email: str
    author_url: str
    text: str
    links: tuple[str, ...]
    honeypot: str
    is_staff: bool
    sender_verified: bool | None
    record: CommenterRecord | None
    repeats: int | None
    blocklist: tuple[BlocklistEntry, ...] | None

    @property
    def is_trusted(self) -> bool:
        """Staff, or a writer with proof and a clean record: those whom the policy "known" publishes."""
        return self.is_staff or (self.record is not None and self.record.is_good)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one comment and everything it rests on.

    ``points``: the sum of the findings' points, in decibans, without the prior.
    ``probability``: of spam, from 0 to 1, with the prior.
    ``rules_version``: ``RULES_VERSION`` at the time, so that a later judge knows what it compares with.
    """

    findings: tuple[Finding, ...]
    points: float
    probability: float
    outcome: Outcome
    rules_version: int

    @property
    def is_complete(self) -> bool:
        return is_complete(self.findings)
