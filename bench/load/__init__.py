"""What a server does under load, over real stores: one file for each scene, most of them commands too.

`sockets`, `rest`, `ingest`, `soak` and `neighbour` load it in general. `counts`, `backfill`, `backfills`,
`preview`, `together` and `start` do it with many feeds or many stored resumes; `stored`, `submitting` and
`results_alone` are what several of these share. `make bench` plays most of them (`bench.__main__`). The page
in a browser is measured in `bench.browser`, several processes against one in `bench.scale`.
"""
