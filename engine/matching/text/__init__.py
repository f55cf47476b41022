"""Text as characters and words: normalised text, tokens, and how rare a word is.

What words mean (that `k8s` is Kubernetes, that `讲师` teaches) is not known here; see `lexicon`.
"""
