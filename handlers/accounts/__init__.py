"""Who asks: registering, logging in, passwords, sessions, the profile, consents and notices."""
