"""`make scale`: one process against many on one machine, and predictions against runs.

`deployment` and `cluster` start what is compared, `plans` says of which processes it consists. `work` and
`stream` are what is done with it, by the clients of `recruiter` until `quiet`; `outcome` reads what came of
it and compares. `equal`, `kills`, `moving`, `million` and `predictions` are the chapters. What is predicted
for plans that do not fit on one machine is in `bench.simulate`.
"""
