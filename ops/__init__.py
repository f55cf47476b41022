"""What operators run around the servers, and what watches them."""
