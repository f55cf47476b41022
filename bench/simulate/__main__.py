"""`python -m bench.simulate`: the plan that so many recruiters need, how busy it is, and how long they wait.

python -m bench.simulate --recruiters 10000000
python -m bench.simulate --recruiters 100000 --gateways 6 --parts 1 --replicas 2 --shards 1
"""

from __future__ import annotations

import argparse
import sys

import msgspec

from bench.simulate.costs import Costs, load_costs
from bench.simulate.demand import Demand, Habits, demand_of
from bench.simulate.load import breaks_first, loads_of
from bench.simulate.plan import BUSY, MONOLITH, Plan, plan_for
from bench.simulate.queueing import Waits, simulate

_KINDS = {"page": "a page", "list": "a list", "push": "a push", "score": "scored by all", "badge": "a badge"}


def main() -> int:
    """Read the command line, simulate, print; returns the exit status: 1 where the plan cannot do it."""
    parser = argparse.ArgumentParser(prog="bench.simulate", description=__doc__)
    parser.add_argument("--recruiters", type=float, default=10_000_000)
    parser.add_argument("--monolith", action="store_true", help="one process, on the embedded stores")
    for name in ("gateways", "parts", "replicas", "shards", "redis"):
        parser.add_argument(f"--{name}", type=int, help="in place of what follows from the recruiters")
    for field in msgspec.structs.fields(Habits):
        parser.add_argument(f"--{field.name}", type=float, default=field.default, help="of a recruiter")
    parser.add_argument("--busy", type=float, default=BUSY, help="how busy a part of the plan may be")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the busiest hour that are simulated")
    options = parser.parse_args()
    costs = load_costs()
    habits = Habits(**{field.name: getattr(options, field.name) for field in msgspec.structs.fields(Habits)})
    demand = demand_of(options.recruiters, habits)
    plan = MONOLITH if options.monolith else plan_for(demand, costs, options.busy)
    given = ("gateways", "parts", "replicas", "shards", "redis")
    chosen = {name: value for name in given if (value := getattr(options, name)) is not None}
    plan = msgspec.structs.replace(plan, **chosen)
    print(report(plan, demand, costs, options.seconds))
    return 1 if max(load.busy for load in loads_of(plan, demand, costs)) >= 1.0 else 0


def report(plan: Plan, demand: Demand, costs: Costs, seconds: float) -> str:
    """What is asked, how busy that makes the plan, how long it takes, and what breaks first."""
    loads = loads_of(plan, demand, costs)
    lines = [
        str(plan),
        f"{demand.sockets:,.0f} sockets, {demand.feeds:,.0f} feeds; a second: {demand.pages:,.1f} pages, "
        f"{demand.lists:,.1f} lists, {demand.resumes:,.2f} resumes, {demand.results:,.1f} results",
        "",
    ]
    if max(load.busy for load in loads) >= 1.0:
        lines += [f"{load.name:10}{load.count:5}{load.busy:9.0%}" for load in loads]
        return "\n".join([*lines, "the plan cannot do it: no queue ends"])
    waits: Waits = simulate(plan, demand, costs, seconds=seconds)
    lines.append(f"{'':10}{'count':>5}{'busy':>9}{'queue':>9}{'memory':>12}")
    for load in loads:
        memory = f"{load.bytes / 2**30:9.2f} GiB" if load.bytes else ""
        queue = waits.queue.get(load.name, 0.0)
        lines.append(f"{load.name:10}{load.count:5}{load.busy:9.0%}{queue:9.2f}{memory:>13}")
    lines += ["", f"{'':16}{'p50':>9}{'p99':>9}   ms"]
    for name, words in _KINDS.items():
        if waits.ms.get(name):
            halves = (waits.quantile(name, 0.5), waits.quantile(name, 0.99))
            lines.append(f"{words:16}{halves[0]:9.1f}{halves[1]:9.1f}")
    first, times = breaks_first(plan, demand, costs)
    disk = demand.stored_results * costs.disk["result"] + demand.stored_resumes * costs.disk["resume"]
    lines += [
        "",
        f"full first: {first}, at {times:.2f} times this; {disk / 1e12:.2f} TB stored, before copies",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
