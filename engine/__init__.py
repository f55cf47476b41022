"""The engine: coroutines that bring stored feeds and stored resumes together, and keep the results current.

Each long-running one has a `run`, which is a task of the processes with its role (`services/tasks.py`):

- `worker` scores resumes as they arrive: `work_source`, `quarantine`, `percolator`.
- `backfill` scores stored resumes for submitted feeds: `passes`, `unscored`, `list_writer`, `match_writer`.
- `stored_resumes` keeps the index of them; `snapshots` writes this index and that of feeds to files.
- `rescore` has stored resumes scored again after an upgrade of the rules.
- `left_snapshots` deletes such files that others have left, as people are erased.
- `learner` makes a feed's feedback model anew after clicks.

`preview` (with `preview_slots`) answers one question at a time. `relearn` is a step that an operator takes.
What they all share is `active_feeds`, `stored_resumes`, `feedback_models`, `profiles`, `rows`, `specs` and
`watermark`. `building` puts it all together.

What a score is made of does not live here but in `engine.matching`, which is pure: no input or output, no
clock, no settings. Neither do queries and keys, which are `store`'s, nor HTTP and sockets, which are
`handlers`'.
"""
