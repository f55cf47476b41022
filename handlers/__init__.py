"""HTTP and WebSocket: `routes.py` is the table of contents, one file a resource.

What all endpoints share of HTTP is in `api`, the WebSocket in `live`. No scoring lives here: that is
`engine`'s. Neither do queries and keys, which are `store`'s. Handlers read no settings: they declare what
they need, and `services/application.py` provides it.
"""
