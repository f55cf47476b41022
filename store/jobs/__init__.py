"""Work for later: what waits to be done, by whichever process is there."""
