"""The plain data that the judge works on: what it is told, what it answers.

Everything here is frozen: a rule can neither change the facts nor another rule's finding.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from .background import Background
from .words import Opinion

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
    ``case``: the named condition that was met, whose weight the points are; empty where none was.
    ``at_least``: the mildest outcome left open, whatever the points of all the rules say. It carries an
    editor's order (the blocklist), which is not evidence and so has no weight that could be outvoted.

    Raises ``ValueError`` for points that are not finite, or given by a rule that could not run.
    """

    rule: str
    points: float
    detail: str
    evaluated: bool = True
    at_least: Outcome = Outcome.PUBLISH
    case: str = ""

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

    ``text``: as the editor typed it; a word or phrase, a domain, an email address or a network, by ``kind``.
    """

    kind: Literal["word", "domain", "address", "network"]
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
class SiteShare:
    """How much of what this site's editors decided on was spam, and how much good. Old decisions fade."""

    spam: float
    good: float


@dataclass(frozen=True, slots=True)
class Echoes:
    """What the site remembers of comments like this one, in the last 90 days. Never the comment itself.

    Every look-up stops after a fixed number of the latest comments (50 for equal texts, 16 for each host,
    4 for near texts), and so do the numbers. "Spam" and "good" are what a person decided last; what was put
    into the trash is neither.

    ``same_text``: comments that say the same, word for word. ``near_text``: that share most of their words.
    ``host_comments``, ``host_names``: comments with one of this comment's hosts, and the names other than
    this one's under which they came; of the host with most names among those that people do not vouch for.
    ``host_spam``, ``host_good``: the decisions on the one of its hosts that fares worst in them.
    ``network_hour``, ``network_day``: comments from the same address block; None where it is not known, and
    so ``seconds_since_last_here``, since the block's latest, which is None where there is none, too.
    ``site_hour``: comments on the whole site. ``article_age_days``: None where it has not been published.
    """

    same_text: int = 0
    same_text_spam: int = 0
    same_text_good: int = 0
    near_text: int = 0
    near_spam: int = 0
    near_good: int = 0
    host_comments: int = 0
    host_names: int = 0
    host_spam: int = 0
    host_good: int = 0
    network_hour: int | None = None
    network_day: int | None = None
    site_hour: int = 0
    article_age_days: int | None = None
    seconds_since_last_here: int | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """The facts about one comment, gathered before any rule runs.

    ``None`` always means "not known", except in ``record`` and ``parent_text``.

    ``address``: the network the comment came from, shortened.
    ``body``: the text as typed; ``text``: what readers would see of it, without markup.
    ``links``: the targets of the links that readers would see in the body.
    ``honeypot``: what came in the field that people do not see.
    ``sender_verified``: True if the browser said that the form came from this site, None if it did not say.
    ``record``: None for a writer who has proved nothing; a typed name or address proves nothing.
    ``echoes``: what the site remembers of comments like this one.
    ``article_text``: empty or None where the article has no text.
    ``parent_text``: the text of the comment this one answers; None if it answers the article itself.
    ``background``: how common words are in general and on this site.
    ``site_share``: how much spam this site's editors have seen.
    ``words``: what the base model says of the words; ``site_words``: what this site's editors have taught.
    """

    author_name: str
    author_email: str
    author_url: str
    address: str | None
    body: str
    text: str
    links: tuple[str, ...]
    honeypot: str
    is_staff: bool
    sender_verified: bool | None
    email_is_disposable: bool | None
    record: CommenterRecord | None
    blocklist: tuple[BlocklistEntry, ...] | None
    article_title: str
    article_text: str | None
    parent_text: str | None
    background: Background | None
    words: Opinion | None
    site_words: Opinion | None
    site_share: SiteShare | None
    echoes: Echoes | None

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
