"""Learning: from clicks, and from the stored resumes."""
