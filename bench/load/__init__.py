"""What a server does under load, over real stores: one file for each scene of `make bench`.

`sockets`, `rest`, `ingest`, `soak` and `neighbour` load it in general. `counts`, `backfill`, `backfills`,
`preview` and `together` do it with many feeds or many stored resumes; `stored`, `submitting` and
`results_alone` are what several of these share.
"""
