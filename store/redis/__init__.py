"""Redis: hints, the streams of work, who is there, and limits; never the only copy of anything."""
