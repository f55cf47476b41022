"""What a server does under load, over real stores: one file for each scene of `make bench`.

`sockets`, `rest`, `ingest`, `soak` and `neighbour` load it in general; `feeds` does it with many feeds, and
`stored` with many stored resumes. `market` is what they are loaded with.
"""
