"""The pure core of matching: text in, scores with reasons out.

>>> from engine.matching.analysis.analyzer import Analyzer
>>> from engine.matching.feed_spec import FeedSpec
>>> from engine.matching.lexicon.lexicon import Lexicon
>>> from engine.matching.lexicon.places import Places
>>> from engine.matching.score.match import score
>>> analyzer = Analyzer(Lexicon(), Places(()))
>>> query = analyzer.feed(FeedSpec(title="牙医", keywords=("正畸",)))
>>> profile = analyzer.resume({"job_target": {"job_career": "牙医"}, "self_evaluation": "擅长正畸"})
>>> match = score(query, profile)
>>> match.score
86.83
>>> [(reason.field, reason.matched, reason.points) for reason in match.why]
[('title', '牙医', 59.62), ('skill', '正畸', 27.21)]

The rooms. Each imports only rooms that stand before it in this list:

- `feed_spec`, `feed_query`, `resume_profile`, `relations`: the values that the rooms hand to each other.
- `text`: characters and words, without knowing what any of them mean.
- `lexicon`: what words and short fields mean: skills, occupations, places, salaries, degrees.
- `score`: a query and a profile to points and reasons, for one pair or over an index of all feeds.
- `analysis`: a feed to its query, a resume to its profile.
- `feedback`: what a feed learns from its recruiter's clicks.

The same inputs give the same bytes in every process. To keep it so, nothing here reads a clock, a setting or
a store, nothing reads a file at import, and nothing imports another room of the project. The coroutines that
read stores and write results are in `engine`; `config` reads the files of words.
"""
