"""`make bench-page`: the page in a browser, over a real server. What requests alone cost: `bench.load`."""
