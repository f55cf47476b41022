"""A query and a profile to points with their reasons: one pair, or one of the two against all there are.

`rules` says what a match is worth, each rule once. `breakdown` applies them to a pair, `reasons` words the
outcome, `match` is both in one call. For one resume against all feeds, `layout` keeps queries as numbers,
`postings` finds the feeds that it can reach, `search` walks them in slices, and `index` is the door to that.
For one feed against all resumes, `resume_layout`, `resume_postings`, `resume_search` and `resume_index` do.

Nothing here reads text: that is `analysis`. Nothing here knows what a recruiter clicked: that is `feedback`.
"""
