"""What a feed learns from its recruiter's clicks, and what that does to later matches.

`trainer` turns clicks into a `FeedbackModel`; `adjustment` applies a model to a match, as one more reason.
Which clicks count, when a model is trained and where it is stored is not decided here; see
`engine.learning.feedback_learner` and `store.feeds.feedback`.
"""
