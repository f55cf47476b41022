"""The matching engine: text to tokens to terms, feeds and resumes to scores.

Everything here but `worker` and `backfill` is pure: no I/O, no clock, no settings. The same
inputs give the same scores in every process, whatever came before::

    from engine.matching.analysis.analyzer import Analyzer
    from engine.matching.score.index import FeedIndex

    index = FeedIndex()
    index.put(feed_id, analyzer.feed(spec))
    for feed_id, match in index.matches(analyzer.resume(body)):
        ...
"""
