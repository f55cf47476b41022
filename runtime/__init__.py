"""What every part of the system may use, and what depends on none of them.

- Seeing a process from outside: `logs`, `metrics`, `tracing`, `stacks`.
- Sharing one event loop: `slices`, `waiting`, `turns`.
- Values as they come and go: `decoding`, `clock`, `signing`, `hosts`.

No stores, no HTTP and no matching rules live here, and nothing of the project is imported. What waits for
MongoDB is `store.retry`; what turns `InvalidFields` into an answer is `handlers.api`.
"""
