"""The judging of comments: plain Python over plain data, without Django, database, clock or network."""

from .pipeline import HOLD_AT, POLICIES, PRIOR, RULES_VERSION, SPAM_AT, judge
from .rules import RULES, Rule
from .types import BlocklistEntry, CommenterRecord, Finding, Outcome, Policy, Submission, Verdict
from .weights import DEFAULT, Weights

__all__ = [
    "DEFAULT",
    "HOLD_AT",
    "POLICIES",
    "PRIOR",
    "RULES",
    "RULES_VERSION",
    "SPAM_AT",
    "BlocklistEntry",
    "CommenterRecord",
    "Finding",
    "Outcome",
    "Policy",
    "Rule",
    "Submission",
    "Verdict",
    "Weights",
    "judge",
]
