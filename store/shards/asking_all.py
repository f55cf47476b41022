"""The commands that are asked of all shards on purpose, each with its reason and how often it comes.

A line is as `store.shards.shard_keys` names a command: the collection, what it does, and by which fields.
Each costs every shard of a cluster a look into an index, so whoever adds one says why it cannot name the key.
What is about all that is stored, as `manage.py check`, goes by `keyless_commands.whole` in place of a line
here.
"""

from __future__ import annotations

from collections.abc import Mapping

_POLL = "Processes learn of changes, whoever made them: one look each few seconds."
_LOAD = "An index in memory is read once a start, and after more has changed than one look can give."
_SWEEP = "What waits, whoever has it: one look each few seconds, of one process at a time or some."
_RESUME = (
    "A resume's results and records are with every account that has it. Only what happens to resumes asks."
)
_ERASED = f"{_RESUME} Erasures and ends, some a minute."
_CHANGED = f"{_RESUME} Resumes that came again and changed."
_ENDS = "What has come to its end, whoever has it: one process looks, some times an hour."
_METRIC = "A number for operators: once each few seconds, of some processes."

ASKING_ALL: Mapping[str, str] = {
    # Feeds.
    "feeds.aggregate(updated_at)": _POLL,
    "feeds.aggregate($or,updated_at)": _POLL,
    "feeds.find(deleted,part)": _LOAD,
    "feeds.find(part)": _ENDS,
    "feeds.find(backfill_due,deleted)": _SWEEP,
    "feeds.aggregate(backfill_due)": _METRIC,
    "feeds.aggregate(deleted)": _METRIC,
    "feeds.find(deleted)": "`manage.py rescore` without a feed.",
    "feeds.find(_id)": "Whose a feed is of which that is not known: a few, and it is kept then.",
    "feeds.find(_id,deleted)": "Resumes are sent to feeds by their ids alone: once a batch of an upload.",
    # Results and candidate records.
    "results.find(deleted,read,resume,resume_rev)": _CHANGED,
    "results.find(deleted,own_deleted,read,resume,resume_rev)": _CHANGED,
    "results.find(resume,resume_rev)": _CHANGED,
    "results.find(clicked,resume)": _CHANGED,
    "results.find(resume)": f"{_RESUME} Erasures; and where it is found out anew who is one person.",
    "results.find(clicked)": "Feeds that have to learn of a click, whose ever: one look each two seconds.",
    "results.count()": _METRIC,
    "candidate_records.find(resume,watched)": _CHANGED,
    "candidate_records.update_many(ended,resume)": _CHANGED,
    "candidate_records.find(resume)": f"{_RESUME} `manage.py person --export`.",
    "candidate_records.find(marked_at,resume)": f"{_RESUME} Where it is found out anew who is one person.",
    "candidate_records.find(resume,watched_at)": f"{_RESUME} Where it is found out anew who is one person.",
    "candidate_records.delete_many(resume)": _ERASED,
    "candidate_records.find(to_teach)": "Feeds that have to learn of a favourite, as of clicks.",
    "candidate_records.find(gone_comments.gone_at)": _ENDS,
    "candidate_records.find(gone_marks.gone_at)": _ENDS,
    "candidate_records.find(comments.at)": "`manage.py person --erase` looks through all notes.",
    "candidate_records.find(marks.at)": "`manage.py person --erase` looks through all notes.",
    # What feeds have learned, and the numbers of accounts.
    "feedback.find(due)": "As clicks.",
    "feedback.find(updated_at)": _POLL,
    "feedback.find()": _LOAD,
    "feedback.find(resumes)": _ERASED,
    "counters.find(untold)": _SWEEP,
    # Resumes, and what is made of them.
    "resumes.find(pending,queued_at)": _SWEEP,
    "resumes.aggregate($or,pending,queued_at)": _SWEEP,
    "resumes.aggregate(pending)": _METRIC,
    "resumes.count()": _METRIC,
    "resumes.find(set_aside)": "The quarantine, for operators.",
    "resumes.aggregate(set_aside)": _METRIC,
    "resumes.find(contact.reach)": "`manage.py person` finds resumes by a phone or an e-mail.",
    "resumes.find()": "`manage.py rescore` has all resumes scored again.",
    "resumes.find(maybe_same)": _ERASED,
    "profiles.find(updated_at)": _POLL,
    "profiles.find(part,updated_at)": _POLL,
    "profiles.find(part)": _LOAD,
    "profiles.find(part,version)": "Topics are learned from all profiles, once a night.",
    "profiles.find(cold_terms)": "A backfill looks for resumes that no index in memory holds.",
    "profiles.find(arrived_at,cold_terms)": "A backfill looks for resumes that no index in memory holds.",
    "profiles.find(forced)": "Resumes that were sent to the feeds of a backfill: once a pass.",
    "contacts.find(keys)": "Who shares a phone and a name: for each resume that arrives, by a few keys.",
    "contacts.find(keys,status)": "Who keeps a contact secret, of a person of very many resumes.",
    "contacts.find(reach)": "`manage.py person` finds contacts by a phone or an e-mail.",
    "contacts.find(alike)": "Whose texts are alike: for each resume that arrives, by a few keys.",
    "contacts.find(news_at)": _ENDS,
}
