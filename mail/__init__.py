"""Letters: the activation link, the letter that carries it, and the task that sends what is due."""
