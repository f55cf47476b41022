"""What belongs to no account: the pages for browsers, the API's description, and how well a process is."""
