"""A query and a profile to points with their reasons: one pair, or one resume against all feeds.

`rules` says what a match is worth, each rule once. `breakdown` applies them to a pair, `reasons` words the
outcome, `match` is both in one call. For all feeds at once, `layout` keeps queries as numbers, `postings`
finds the feeds that a resume can reach, `search` walks them in slices, and `index` is the door to all that.

Nothing here reads text: that is `analysis`. Nothing here knows what a recruiter clicked: that is `feedback`.
"""
