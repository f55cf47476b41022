"""People: which resumes are of one person, and what follows the person."""
