"""The feeds and the resumes in memory, and their snapshots."""
