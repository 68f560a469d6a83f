"""Who may do what with other people's comments."""


def may_moderate(user):
    """Say whether an account may decide on comments. One that is not active may nothing."""
    return user.has_perm("comments.moderate_comment")
