"""The coroutines that keep every feed's list right, around the pure core in `engine.matching`.

    active_feeds       all feeds in memory, indexed, kept equal to MongoDB
    worker             scores new resumes against them, as they arrive
    backfill           scores the stored resumes for a submitted feed
    preview            counts what a form would match before it is submitted
    learner            trains a feed's feedback model after clicks
    feedback_models    all models in memory, kept equal to MongoDB
    relearn            learns relations between terms when an operator asks for it
    rescore            scores everything again after the rules changed
    quarantine         sets aside the resumes that fail or crash their scorer
    erasure            clears what a late write would leave of an erased person
    rows, specs        between what is stored and what `engine.matching` takes and gives

Each class belongs to one event loop and gets its stores as arguments. A coroutine that computes for more
than a few milliseconds lets others run in between (`runtime.slices`). HTTP is not known here, and only
`store` knows how documents are stored.
"""
