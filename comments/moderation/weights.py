"""How much each finding weighs: one readable file, ``weights.toml``, and how a rule looks things up in it.

The unit is the deciban: 10·log10 of how many times more often a thing is seen on spam than on good
comments, once what the other rules say is known. 10 means ten times as often, 0 equally often, −10 ten times
less often.
"""

import json
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .types import Finding, Outcome, Submission

WEIGHTS_PATH = Path(__file__).with_name("weights.toml")


# Where the same thing says something else: among comments on an article without a text, where nobody can
# speak to the point, and among those of writers who give no name, where nobody can advertise by it.
SETTINGS: Mapping[str, Callable[[Submission], bool]] = {
    "no_article": lambda submission: not submission.article_text,
    "no_name": lambda submission: not submission.author_name.strip(),
}


@dataclass(frozen=True, slots=True)
class Weight:
    """``points`` of one case of one rule, in decibans.

    ``spam``, ``good``: on what share of the labelled comments the case was seen; None if nothing was counted.
    ``source``: "fitted" together with all others on labelled comments, or a "guess". ``no_article``,
    ``no_name``: what is added in this setting.
    """

    points: float
    spam: float | None = None
    good: float | None = None
    source: str = "guess"
    no_article: float = 0.0
    no_name: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """``prior``: log odds of spam before looking, in decibans. ``table``: by rule and case."""

    table: Mapping[str, Mapping[str, Weight]]
    prior: float = 0.0
    about: dict[str, object] = field(default_factory=dict)
    settled: dict[tuple[str, ...], "Weights"] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def within(self, submission: Submission) -> "Weights":
        """Return the weights as they are in the settings that a comment came in."""
        settings = tuple(name for name, holds in SETTINGS.items() if holds(submission))
        if not settings:
            return self
        found = self.settled.get(settings)
        if found is None:
            found = self.settled[settings] = replace(
                self,
                table={
                    rule: {case: _within(weight, settings) for case, weight in cases.items()}
                    for rule, cases in self.table.items()
                },
            )
        return found

    def points(self, rule: str, case: str) -> float:
        """Return the points of a case; 0 for one that nobody has weighed."""
        weight = self.table.get(rule, {}).get(case)
        return weight.points if weight else 0.0

    def points_of(self, name: str) -> float:
        """Return the points of a ``rule.case``, or what the setting adds in a ``rule.case@setting``."""
        rule, _, rest = name.partition(".")
        case, _, setting = rest.partition("@")
        if not setting:
            return self.points(rule, case)
        weight = self.table.get(rule, {}).get(case)
        return float(getattr(weight, setting)) if weight else 0.0

    def finding(self, rule: str, case: str, detail: str, *, at_least: Outcome = Outcome.PUBLISH) -> Finding:
        return Finding(rule, self.points(rule, case), detail, at_least=at_least, case=case)


def _within(weight: Weight, settings: Iterable[str]) -> Weight:
    return replace(weight, points=weight.points + sum(getattr(weight, name) for name in settings))


def load(path: Path = WEIGHTS_PATH) -> Weights:
    """Read a file of weights. Raises ``ValueError`` for one that is not of this form."""
    with path.open("rb") as file:
        content = tomllib.load(file)
    about = content.pop("about", {})
    try:
        table = {
            rule: {
                case: Weight(
                    points=float(entry["points"]),
                    spam=entry.get("spam"),
                    good=entry.get("good"),
                    source=entry.get("source", "guess"),
                    **{name: float(entry[name]) for name in SETTINGS if name in entry},
                )
                for case, entry in cases.items()
            }
            for rule, cases in content.items()
        }
        weights = Weights(table=table, prior=float(about.get("prior", 0.0)), about=about)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"{path.name} does not hold rules with cases with points.") from error
    points = [
        weight.points + weight.no_article + weight.no_name
        for cases in table.values()
        for weight in cases.values()
    ]
    if not all(map(math.isfinite, (weights.prior, *points))):
        raise ValueError(f"{path.name} holds points that are not finite.")
    return weights


def dump(weights: Weights) -> str:
    """Return the text of a file of weights, rule by rule in their order."""
    about = weights.about | {"prior": round(weights.prior, 2)}
    lines = [f"# {line}".rstrip() for line in (__doc__ or "").strip().splitlines()[2:]]
    lines += [
        "#",
        "# spam, good: the share of the labelled comments on which the case was seen.",
        "# no_article, no_name: what is added where the article has no text, where the writer gives no name.",
        "# source: fitted together with all other weights on labelled comments, or a guess.",
        "",
        "[about]",
        *(f"{key} = {_value(value)}" for key, value in about.items()),
    ]
    for rule, cases in weights.table.items():
        lines += ["", f"[{rule}]"]
        for case, weight in cases.items():
            parts = [f"points = {weight.points:.2f}"]
            added = {name: getattr(weight, name) for name in SETTINGS}
            parts += [f"{name} = {points:.2f}" for name, points in added.items() if points]
            if weight.spam is not None and weight.good is not None:
                parts += [f"spam = {weight.spam:.4f}", f"good = {weight.good:.4f}"]
            parts.append(f'source = "{weight.source}"')
            lines.append(f"{case} = {{ {', '.join(parts)} }}")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    # A text is written in JSON's way, which TOML understands: quotes, backslashes and line ends are escaped.
    return str(value) if type(value) in (int, float) else json.dumps(str(value))


DEFAULT = load()
