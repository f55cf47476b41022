"""The only package that knows MongoDB and Redis.

One file a collection; `stores` opens them all. Outside this package an id is a text of 24 hex digits,
inside an `ObjectId`. What several collections need lives beside them: `by_ids`, `paging`, `bulk`,
`data_loader`, `retry`. The audit is in `audit`; the stores that run on one machine without a server of their
own are in `embedded`.

Whatever asks MongoDB raises one of `errors.STORE_FAILURES` where that does not answer. Docstrings say so only
where more is to be known of it.
"""
