"""Searches, copies and placements of an index, which are done in steps."""


def finished(work, between=lambda: None):
    """It, once its last step is done; `between` is called after each other step."""
    while not work.is_done:
        work.step()
        if not work.is_done:
            between()
    return work


def id_of(number):
    """The id of a resume."""
    return f"{number:024x}"


def found_by(search):
    """What a search of resumes has found: id -> breakdown."""
    return {found.resume_id: found.breakdown for found in search.matches()}
