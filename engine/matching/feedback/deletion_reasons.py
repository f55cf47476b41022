"""The reasons that a recruiter may give for a deletion: the one table of them.

The API checks requests against its keys (`handlers.results.results`), and a feedback model shows its labels.
What each reason does to later matches is in `trainer`.
"""

from __future__ import annotations

from types import MappingProxyType

DELETION_REASONS = MappingProxyType(
    {
        "title": "职位不符",
        "degree_low": "学历偏低",
        "degree_high": "学历偏高",
        "salary_low": "薪资偏低",
        "salary_high": "薪资偏高",
        "level_low": "级别偏低",
        "level_high": "级别偏高",
        "industry": "行业不符",
        "area": "地区不符",
    }
)
"""Key of a reason -> its label, as the recruiter reads it.

The order is the one in which the API's error message lists them and in which a model stores what it learned.
"""
