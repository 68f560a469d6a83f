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
from .moderation.rules.learned import capped
from .moderation.text import words as words_of
from .moderation.weights import Weight, Weights
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
# Parts into which sources are put for judging the words of each comment by a model that has not seen it.
FOLDS = 5

DECIBANS = 10 / math.log(10)
EACH_CANDIDATES = (0.7, 0.85, 1.0, 1.15, 1.3)


class TooFew(Exception):
    """There are not enough comments of both kinds, or of different sources, to fit anything."""


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


# Words


@dataclass(frozen=True, slots=True)
class Prepared:
    """A comment as the fit sees it: as it came, and where it came with a name, a second time without one.

    On another site names and websites may not be kept; so what is learned must not hang on them alone.
    ``variants``: the cases that the rules saw, and the tokens with their values. ``group``: its source,
    which must stay together where comments are divided.
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
    """Name the case that each rule sees."""
    nothing = Weights(table={})
    findings = (rule(facts, nothing) for rule in RULES if rule.__name__ not in NOT_FITTED)
    return tuple(f"{finding.rule}.{finding.case}" for finding in findings if finding.evaluated)


def _tokens(facts):
    writing = Writing(facts.author_name, facts.author_url, facts.text, facts.links)
    return tuple(tokens(writing).items())


def fit_words(prepared, background, *, about=None, solver=fit):
    """Fit the base model on comments, together with the rules, so that no word is blamed for a link.

    Raises TooFew.
    """
    _need_both(prepared)
    cases = sorted({case for comment in prepared for variant, _ in comment.variants for case in variant})
    occurs = Counter(name for comment in prepared for name, _value in comment.variants[0][1])
    names = sorted(
        name
        for name, count in occurs.items()
        if count >= (PIECE_OCCURRENCES if name.startswith(("~", "@")) else OCCURRENCES)
    )
    index = {name: number for number, name in enumerate([*(f" {case}" for case in cases), *names])}
    examples = [
        Example(
            features=[
                *((index[f" {case}"], 1.0) for case in variant),
                *((index[name], value) for name, value in found if name in index),
            ],
            is_spam=comment.is_spam,
            weight=1 / len(comment.variants),
        )
        for comment in prepared
        for variant, found in comment.variants
    ]
    penalties = [CASE_PENALTY] * len(cases) + [TOKEN_PENALTY] * len(names)
    _intercept, weights = solver(examples, penalties=penalties)
    return as_model(zip(names, weights[len(cases) :], strict=True), background, about or {})


def as_model(weights, background, about):
    """Make a model of tokens and their weights in natural log odds."""
    points = {number_of(name): weight * DECIBANS for name, weight in weights}
    points = {number: value for number, value in points.items() if abs(value) >= SMALLEST}
    unit = max((abs(value) for value in points.values()), default=1.0) / 127
    steps = {number: round(value / unit) for number, value in points.items()}
    return WordModel(steps=steps, unit=unit, background=background, about=about)


def _need_both(prepared):
    if len({comment.is_spam for comment in prepared}) < 2:
        raise TooFew("There must be both good comments and spam.")


# Rules


def fit_rules(prepared, background, guesses, *, words=None, about=None, solver=fit):
    """Fit the weights of all rules together; return Weights.

    ``guesses``: Weights that keep their places where nothing can be fitted. ``words``: a base model that
    was not fitted on these comments; without one, the words of each source are judged by models fitted on
    the other sources, since a model knows by heart what it was fitted on. Raises TooFew.
    """
    _need_both(prepared)
    opinions = (
        [_opinions(comment, words) for comment in prepared]
        if words
        else _judged_by_others(prepared, background, solver)
    )
    cases = sorted({case for comment in prepared for variant, _ in comment.variants for case in variant})
    best = min(
        (_fit_cases(prepared, opinions, cases, each, solver) for each in EACH_CANDIDATES),
        key=lambda fitted: fitted[0],
    )
    _loss, each, weights = best
    return _as_weights(prepared, opinions, dict(zip(cases, weights, strict=True)), each, guesses, about or {})


def _judged_by_others(prepared, background, solver):
    """Judge each comment's words by a model that was fitted on other sources only."""
    sizes = Counter(comment.group for comment in prepared)
    if len(sizes) < 2:
        raise TooFew("The comments must come from at least two sources, or with a model of other comments.")
    folds = min(FOLDS, len(sizes))
    fold_of = spread(sizes, folds)
    opinions = [()] * len(prepared)
    for fold in range(folds):
        others = [comment for comment in prepared if fold_of[comment.group] != fold]
        model = fit_words(others, background, solver=solver)
        for number, comment in enumerate(prepared):
            if fold_of[comment.group] == fold:
                opinions[number] = _opinions(comment, model)
    return opinions


def spread(sizes, count):
    """Put groups into so many parts of like size, the largest first; return each group's part.

    ``sizes``: a Counter of the groups.
    """
    loads, part = [0] * count, {}
    for group, size in sizes.most_common():
        part[group] = loads.index(min(loads))
        loads[part[group]] += size
    return part


def _opinions(comment, model):
    steps = model.steps
    return tuple(
        sum(steps.get(number_of(name), 0) * value for name, value in found) * model.unit
        for _cases, found in comment.variants
    )


def _fit_cases(prepared, opinions, cases, each, solver):
    """Fit the cases beside words that weigh ``each``; return the loss, and what was fitted."""
    index = {case: number for number, case in enumerate(cases)}
    examples = [
        Example(
            features=[(index[case], 1.0) for case in variant],
            is_spam=comment.is_spam,
            weight=1 / len(comment.variants),
            offset=capped(each * opinion) / DECIBANS,
        )
        for comment, said in zip(prepared, opinions, strict=True)
        for (variant, _), opinion in zip(comment.variants, said, strict=True)
    ]
    intercept, weights = solver(examples, penalties=[CASE_PENALTY] * len(cases))
    loss = CASE_PENALTY / 2 * sum(weight * weight for weight in weights)
    for example in examples:
        odds = intercept + example.offset + sum(weights[number] for number, _value in example.features)
        loss += example.weight * math.log1p(math.exp(-odds if example.is_spam else odds))
    return loss, each, weights


def _as_weights(prepared, opinions, fitted, each, guesses, about):
    """Write down what was fitted, so that 0 points is what a rule gives in the mean.

    Only then can a rule stay silent, for want of a fact, and say nothing by it.
    """
    seen = {kind: Counter() for kind in (True, False)}
    totals = Counter(comment.is_spam for comment in prepared)
    for comment in prepared:
        seen[comment.is_spam].update(comment.variants[0][0])
    both = seen[True] + seen[False]
    table = {rule: dict(cases) for rule, cases in guesses.table.items() if rule in NOT_FITTED}
    for rule in RULES:
        name = rule.__name__
        if name in NOT_FITTED:
            continue
        # What was seen too seldom to be fitted keeps its guess.
        guessed = guesses.table.get(name, {}).items()
        table[name] = {case: weight for case, weight in guessed if weight.source == "guess"}
        cases = [case for case in fitted if case.partition(".")[0] == name]
        mean = sum(fitted[case] * both[case] for case in cases) / (sum(both[case] for case in cases) or 1)
        for case in cases:
            table[name][case.partition(".")[2]] = Weight(
                points=(fitted[case] - mean) * DECIBANS,
                spam=seen[True][case] / totals[True],
                good=seen[False][case] / totals[False],
                source="fitted",
            )
    table["words"] = {"each": Weight(points=each, source="fitted")}
    ordered = {rule.__name__: table.pop(rule.__name__) for rule in RULES if rule.__name__ in table}
    weights = Weights(table=ordered | table)
    prior = _fit_prior(prepared, opinions, weights, each)
    return replace(weights, prior=prior, about=about | {"prior": round(prior, 2)})


def _fit_prior(prepared, opinions, weights, each):
    """Return the log odds, in decibans, that make all probabilities right in the mean."""
    examples = [
        Example(
            features=(),
            is_spam=comment.is_spam,
            weight=1 / len(comment.variants),
            offset=(capped(each * opinion) + sum(weights.points(*case.split(".", 1)) for case in variant))
            / DECIBANS,
        )
        for comment, said in zip(prepared, opinions, strict=True)
        for (variant, _), opinion in zip(comment.variants, said, strict=True)
    ]
    return fit(examples, penalties=[])[0] * DECIBANS
