"""What a plan of many machines would do: utilisation, queues, waits, and what breaks first.

    python -m bench.simulate --recruiters 10000000

`costs` is what one of each thing costs, measured by `measure` and kept in `costs.toml`. `demand` says what
recruiters do, `plan` what a deployment consists of, `load` how busy that makes each part of it, `queueing`
how long whoever asks has to wait. `make scale` holds the predictions to runs that fit on one machine
(`bench.scale.predictions`).
"""
