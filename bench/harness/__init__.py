"""What all benchmarks share: it measures nothing by itself, and imports no other room of `bench`.

`machine` starts stores and servers, `bare` is the plain Tornado that they are compared with. `people` makes
up recruiters and resumes; `client`, `crowd` and `wire` speak to a server, and `waiting` waits for it. `lag`
tells how late a loop runs, `busy` what else the machine does, `table` prints what came out, and
`outcome` compares what two runs have left in their stores.
"""
