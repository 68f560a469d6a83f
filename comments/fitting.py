"""Fits what the judge knows from the start, the weights of the rules and the words, on labelled comments.

How well that does on other comments is for `spam_bench` to say: nothing is measured here on what was fitted.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass, replace

from .moderation.background import Background, number_of
from .moderation.logistic import Example, fit
from .moderation.rules import RULES
from .moderation.rules.learned import USUAL_SHARE, capped
from .moderation.text import words as words_of
from .moderation.weights import SETTINGS, Weight, Weights
from .moderation.words import WordModel, Writing, tokens

# Rules whose points no archive can tell: what they see is not in one, or is an editor's word. And the
# learner's own, which are fitted in another way.
NOT_FITTED = frozenset(
    (
        "akismet", "article_age", "blocklist", "email", "honeypot", "judged_host", "judged_text",
        "known_commenter", "reply", "rhythm", "sender", "site_share", "site_words", "words",
    )
)  # fmt: skip

# How strongly weights are drawn to zero: half of this times the square of the weight, in natural log odds.
# Chosen among 4, 6 and 11 for cases and 0.11 and 0.25 for tokens, on sources left out whole.
CASE_PENALTY = 4.0
TOKEN_PENALTY = 0.25
# So often a token must occur to be fitted; pieces of words are many and each says little.
OCCURRENCES = 2
PIECE_OCCURRENCES = 4
# Weights below this many decibans are left out of the file. Guess: too small to be seen in any sum.
SMALLEST = 0.15
# Words in the table of common words.
BACKGROUND_WORDS = 40_000

DECIBANS = 10 / math.log(10)


class TooFew(Exception):
    """There are not enough comments of both kinds to fit anything."""


# Common words


def count_words(texts):
    """Count in how many texts each word occurs; return a Background."""
    occurs, lower, title = Counter(), Counter(), Counter()
    total = 0
    for text in texts:
        total += 1
        occurs.update(set(words_of(text)))
        for word in re.findall(r"[^\W\d_]{3,}", text):
            if word.islower():
                lower[word] += 1
            elif word.istitle():
                title[word.casefold()] += 1
    entries = {}
    for word, count in occurs.most_common(BACKGROUND_WORDS):
        if count < 2:
            break
        is_common = lower[word] >= 3 and lower[word] > 2 * title[word]
        entries[number_of(word)] = (min(35, round(-10 * math.log10(count / total))), is_common)
    return Background(
        shares={number: share for number, (share, _common) in entries.items()},
        common=frozenset(number for number, (_share, is_common) in entries.items() if is_common),
    )


# Comments as the fit sees them


@dataclass(frozen=True, slots=True)
class Prepared:
    """A comment as the fit sees it: as it came, and where it came with a name, a second time without one.

    On another site names and websites may not be kept; so what is learned must not hang on them alone.
    ``variants``: the cases that the rules saw (``rule.case``, and once more with each setting that the
    comment came in, ``rule.case@setting``), and the tokens with their values. ``group``: its source, which
    must stay together where comments are divided.
    """

    is_spam: bool
    group: str
    variants: tuple[tuple[tuple[str, ...], tuple[tuple[str, float], ...]], ...]


def prepare(facts, *, is_spam, group, background):
    """Read a comment for the fit. ``background``: what takes the place of the shipped one in the facts."""
    if facts.background:
        background = replace(
            background, site_counts=facts.background.site_counts, site_texts=facts.background.site_texts
        )
    facts = replace(facts, background=background)
    variants = [facts]
    if facts.author_name or facts.author_url:
        variants.append(replace(facts, author_name="", author_url="", author_email=""))
    return Prepared(
        is_spam=is_spam,
        group=group,
        variants=tuple((_cases(variant), _tokens(variant)) for variant in variants),
    )


def _cases(facts):
    """Name the case that each rule sees, alone and in each setting."""
    nothing = Weights(table={})
    findings = (rule(facts, nothing) for rule in RULES if rule.__name__ not in NOT_FITTED)
    cases = [f"{finding.rule}.{finding.case}" for finding in findings if finding.evaluated]
    settings = [f"@{name}" for name, holds in SETTINGS.items() if holds(facts)]
    return tuple(f"{case}{setting}" for setting in ["", *settings] for case in cases)


def _tokens(facts):
    writing = Writing(facts.author_name, facts.author_url, facts.text, facts.links)
    return tuple(tokens(writing).items())


# The fit


def fit_all(prepared, background, guesses, *, about=None, solver=fit):
    """Fit words and rules on comments; return a WordModel and Weights.

    Both together, in one regression: so no word is blamed for the link beside it, nor a rule for the words.
    ``guesses``: Weights that keep their places where nothing can be fitted. Raises TooFew.
    """
    _need_both(prepared)
    names = _frequent_tokens(prepared)
    index = {name: number for number, name in enumerate(names)}
    cases, weights = _fit_cases(
        prepared,
        features=lambda found: [(index[name], value) for name, value in found if name in index],
        penalties=[TOKEN_PENALTY] * len(names),
        offset=lambda found: 0.0,
        solver=solver,
    )
    model = as_model(zip(names, weights, strict=True), background, about or {})
    return model, _as_weights(prepared, model, cases, guesses, about or {})


def fit_rules(prepared, guesses, *, words, about=None, solver=fit):
    """Fit the weights of the rules beside words that stand; return Weights.

    ``words``: a WordModel that was not fitted on these comments, since a model knows by heart what it was
    fitted on. ``guesses``: as for ``fit_all``. Raises TooFew.
    """
    _need_both(prepared)
    cases, _nothing = _fit_cases(
        prepared,
        features=lambda found: [],
        penalties=[],
        offset=lambda found: capped(_opinion(found, words)) / DECIBANS,
        solver=solver,
    )
    return _as_weights(prepared, words, cases, guesses, about or {})


def _need_both(prepared):
    if len({comment.is_spam for comment in prepared}) < 2:
        raise TooFew("There must be both good comments and spam.")


def _frequent_tokens(prepared):
    """Return the tokens that occur often enough to be fitted, sorted."""
    occurs = Counter(name for comment in prepared for name, _value in comment.variants[0][1])
    return sorted(
        name
        for name, count in occurs.items()
        if count >= (PIECE_OCCURRENCES if name.startswith(("~", "@")) else OCCURRENCES)
    )


def _fit_cases(prepared, *, features, penalties, offset, solver):
    """Fit all cases beside other features; return the weight of each case, and the others'.

    ``features``, ``offset``: of the tokens of one comment. ``penalties``: one for each of those features.
    """
    cases = sorted({case for comment in prepared for variant, _ in comment.variants for case in variant})
    index = {case: number for number, case in enumerate(cases, start=len(penalties))}
    examples = [
        Example(
            features=[*((index[case], 1.0) for case in variant), *features(found)],
            is_spam=comment.is_spam,
            weight=1 / len(comment.variants),
            offset=offset(found),
        )
        for comment in prepared
        for variant, found in comment.variants
    ]
    _intercept, weights = solver(examples, penalties=[*penalties, *([CASE_PENALTY] * len(cases))])
    others = len(penalties)
    return dict(zip(cases, weights[others:], strict=True)), weights[:others]


# What was fitted, as it is shipped


def as_model(weights, background, about):
    """Make a model of tokens and their weights in natural log odds."""
    points = {number_of(name): weight * DECIBANS for name, weight in weights}
    points = {number: value for number, value in points.items() if abs(value) >= SMALLEST}
    unit = max((abs(value) for value in points.values()), default=1.0) / 127
    steps = {number: round(value / unit) for number, value in points.items()}
    return WordModel(steps=steps, unit=unit, background=background, about=about)


def _opinion(found, model):
    """Return what a model says of a comment's tokens, in decibans, before any cap."""
    return sum(model.steps.get(number_of(name), 0) * value for name, value in found) * model.unit


def _as_weights(prepared, model, fitted, guesses, about):
    """Write down what was fitted, so that 0 points is what a rule gives in the mean.

    Only then can a rule stay silent, for want of a fact, and say nothing by it.
    """
    seen = {kind: Counter() for kind in (True, False)}
    for comment in prepared:
        seen[comment.is_spam].update(comment.variants[0][0])
    totals = Counter(comment.is_spam for comment in prepared)
    table = {rule: dict(cases) for rule, cases in guesses.table.items() if rule in NOT_FITTED}
    for rule in RULES:
        name = rule.__name__
        if name not in NOT_FITTED:
            # What was seen too seldom to be fitted keeps its guess.
            guessed = guesses.table.get(name, {}).items()
            table[name] = {case: weight for case, weight in guessed if weight.source == "guess"}
            table[name] |= _weights_of(name, fitted, seen, totals)
    ordered = {rule.__name__: table.pop(rule.__name__) for rule in RULES if rule.__name__ in table}
    weights = Weights(table=ordered | table)
    prior = _fit_prior(prepared, model, weights)
    return replace(weights, prior=prior, about=about | {"prior": round(prior, 2)})


def _weights_of(rule, fitted, seen, totals):
    """Return the weight of each case of one rule.

    ``seen``: how often each case was, by kind of comment. ``totals``: how many comments there are of each.
    """
    own = [name for name in fitted if name.partition(".")[0] == rule]
    both = seen[True] + seen[False]
    comments = sum(both[name] for name in own if "@" not in name)
    mean = sum(fitted[name] * both[name] for name in own) / (comments or 1)
    return {
        name.partition(".")[2]: Weight(
            points=(fitted[name] - mean) * DECIBANS,
            spam=seen[True][name] / totals[True],
            good=seen[False][name] / totals[False],
            source="fitted",
            **{
                setting: fitted[f"{name}@{setting}"] * DECIBANS
                for setting in SETTINGS
                if f"{name}@{setting}" in fitted
            },
        )
        for name in own
        if "@" not in name
    }


def _fit_prior(prepared, model, weights):
    """Return the log odds, in decibans, that make all probabilities right in the mean.

    Not for the share of spam among these comments, which is that of a collection, but for USUAL_SHARE.
    """
    examples = [
        Example(
            features=(),
            is_spam=comment.is_spam,
            weight=1 / len(comment.variants),
            offset=(capped(_opinion(found, model)) + sum(map(weights.points_of, variant))) / DECIBANS,
        )
        for comment in prepared
        for variant, found in comment.variants
    ]
    spam = sum(comment.is_spam for comment in prepared)
    usual = math.log(USUAL_SHARE / (1 - USUAL_SHARE)) - math.log(spam / (len(prepared) - spam))
    return (fit(examples, penalties=[])[0] + usual) * DECIBANS
