"""Contacts in free text: finds how to reach a person, and puts `***` in its place.

    Masker(name="林晚照").mask("林晚照，电话 138-0000-1111，熟悉Java")     # "***，电话 ***，熟悉Java"

Pure: text in, text out. Mobile numbers, landlines and identity numbers are found by `numbers`; e-mail
addresses, QQ numbers and WeChat ids by `accounts`; a person's own name by `masker`.

Numbers of other kinds stay: years, dates, salaries, versions, amounts. Where a number may be either, what
stands before it and how it is grouped decide. A masked text has nothing left to find, so masking it again
changes nothing.

Which texts of a resume are masked, and where the originals go, is in `store.resumes.masked_texts`.
"""

from runtime.masking.masker import MASK, Masker

__all__ = ["MASK", "Masker"]
