"""The company: who is in it, who is invited, and who did what."""
