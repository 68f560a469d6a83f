"""Answers of the site that belong to no app."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """Say in plain words that a form could not be matched to its page, and what to do."""
    return render(request, "403.html", {"csrf_failed": True}, status=403)
