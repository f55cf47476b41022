"""What the stored resumes teach: which terms go together, and what texts are about.

Both are learned in one step, by `engine.learning.relearn`, and are in force under one revision. Nothing here
reads a store.
"""
