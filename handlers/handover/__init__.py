"""Hand-overs: recruiters make and end them in `handovers`; who has the link reads and judges in `reviews`."""
