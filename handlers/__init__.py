"""HTTP and WebSocket: `routes.py` is the table of contents, one folder a subject, one file a resource.

What all endpoints share of HTTP is in `api`, what several show in `views`. Recruiters, and systems that send
resumes, are answered by `accounts`, `feeds`, `results`, `people` and `ingest`. `wechat` logs in by WeChat,
`live` is the WebSocket, `admin` the operators' desk, and `operation` has the rest. No scoring lives here:
that is `engine`'s. Neither do queries and keys, which are `store`'s. Handlers read no settings: they declare
what they need, and `services/application.py` provides it.
"""
