"""System checks: settings and rules that can't be right are named when the site starts."""

from django.conf import settings
from django.core.checks import Error, register

from .moderation import pipeline


@register
def check_policy(app_configs, **kwargs):
    if settings.COMMENTS_POLICY in pipeline.POLICIES:
        return []
    return [
        Error(
            f"COMMENTS_POLICY is {settings.COMMENTS_POLICY!r}.",
            hint=f"Choose one of: {', '.join(pipeline.POLICIES)}.",
            id="comments.E001",
        )
    ]


@register
def check_sizes(app_configs, **kwargs):
    lowest = {
        "COMMENTS_PER_PAGE": 1,
        "COMMENTS_CLOSE_AFTER_DAYS": 0,
        "COMMENTS_FLOOD_LIMIT": 0,
        "COMMENTS_FLOOD_SECONDS": 1,
        "TRUSTED_PROXY_COUNT": 0,
    }
    return [
        Error(f"{name} is {getattr(settings, name)}; the least it can be is {least}.", id="comments.E002")
        for name, least in lowest.items()
        if getattr(settings, name) < least
    ]


@register
def check_rules(app_configs, **kwargs):
    errors = []
    if not pipeline.HOLD_AT < pipeline.SPAM_AT:
        errors.append(Error("HOLD_AT must lie below SPAM_AT.", id="comments.E003"))
    names = [rule.__name__ for rule in pipeline.RULES]
    if len(names) != len(set(names)):
        errors.append(Error("Two moderation rules have the same name.", id="comments.E004"))
    return errors
