"""What all benchmarks share: it measures nothing by itself, and imports no other room of `bench`.

`machine` starts stores and servers and tells what else the machine does, `bare` is the plain Tornado that
they are compared with. `people` makes up recruiters and resumes; `client`, `crowd` and `wire` speak to a
server, and `waiting` waits for it. `table` prints what came out, and `outcome` compares what two runs have
left in their stores.
"""
