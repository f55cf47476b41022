"""The files by which TalentFeed is run, held to what their programs take, and to our settings.

What they do when they run is in `tests/faults/test_machine.py` and `test_many.py`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from supervisor.options import ServerOptions

from config.settings import SETTINGS, read_settings
from runtime.roles import ROLES

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
MANY = ROOT / "ops" / "many"
COMPOSED = ("compose.yaml", "ops/many/compose.yaml", "ops/many/stores.yaml")
UNITS = sorted([*(ROOT / "ops").glob("*.service"), *(ROOT / "ops" / "systemd").iterdir()])
MACHINE = {
    "TALENTFEED_PYTHON": sys.executable,
    "TALENTFEED_PORTS": "88",
    "TALENTFEED_WEB": "3",
    "TALENTFEED_ONCE": "false",
    "TALENTFEED_ENGINES": "4",
    "MONGO_URL": "mongodb://10.0.0.1:27017",
    "REDIS_URL": "redis://10.0.0.2:6379",
}


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout + done.stderr


def services_of(path):
    return yaml.safe_load((ROOT / path).read_text("utf-8"))["services"]


@pytest.fixture
def programs_of(monkeypatch, tmp_path):
    """Supervisor's programs by name, with the command of each, as a file of its own says."""
    for name, value in {**MACHINE, "TALENTFEED_HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)

    def read(path):
        options = ServerOptions()
        options.environ_expansions = {f"ENV_{name}": value for name, value in os.environ.items()}
        options.configfile, options.here = str(path), str(path.parent)
        options.read_config(str(path))
        groups = options.configroot.supervisord.process_group_configs
        read.environment = {
            process.name: process.environment for group in groups for process in group.process_configs
        } | {"": options.configroot.supervisord.environment}
        return {process.name: process.command for group in groups for process in group.process_configs}

    return read


@pytest.mark.parametrize("path", COMPOSED)
def test_compose_takes_the_file(path):
    tool = BIN / "check-jsonschema"
    assert run(tool, "--builtin-schema", "vendor.compose-spec", ROOT / path)[0] == 0


def test_the_dockerfile_is_as_it_should_be():
    assert run(BIN / "hadolint", ROOT / "Dockerfile") == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_takes_the_units(tmp_path):
    paths = []
    for unit in UNITS:
        text = re.sub(r"/opt/talentfeed/\S+/(python|supervisord)", sys.executable, unit.read_text("utf-8"))
        paths.append(tmp_path / unit.name)
        paths[-1].write_text(text, "utf-8")
    assert run("systemd-analyze", "verify", *paths) == (0, "")


@pytest.mark.parametrize("folder", [ROOT / "config", MANY])
@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="there is no nginx")
def test_nginx_takes_its_files(folder, tmp_path):
    code, said = run("/usr/sbin/nginx", "-t", "-p", f"{tmp_path}/", "-c", folder / "nginx.conf")
    assert code == 0, said


def test_nginx_logs_no_token_of_any_path():
    document = (ROOT / "docs" / "api.md").read_text("utf-8")
    paths = re.findall(r"^### .*? (/\S*\{(?:token|link)\}\S*)$", document, re.MULTILINE)
    assert len(paths) >= 7
    rows = re.search(r"map \$uri \$logged_uri \{(.*?)\}", (MANY / "nginx.conf").read_text("utf-8"), re.DOTALL)
    masks = [(re.compile(pattern), shown) for pattern, shown in re.findall(r'"~(\S+)" (\S+);', rows.group(1))]
    for path in paths:
        uri = re.sub(r"\{\w+\}", "s3cr3t", path)
        logged = next((shown for pattern, shown in masks if pattern.search(uri)), uri)
        assert "s3cr3t" not in logged, path


def test_supervisor_starts_what_a_front_machine_is_for(programs_of):
    programs = programs_of(MANY / "front.conf")
    servers = {"web-80", "web-81", "web-82"}
    assert servers | {"mailbox", "nginx", "health"} == programs.keys()
    assert "--port 8881 --roles web" in programs["web-81"]


def test_supervisor_starts_the_engines_of_a_machine(programs_of):
    programs = programs_of(MANY / "engines.conf")
    assert {*(f"engine-0{number}" for number in range(1, 5)), "health"} == programs.keys()
    assert "--port 8803 --roles engine" in programs["engine-03"]


def test_a_machine_of_many_does_not_start_without_the_stores(programs_of, monkeypatch):
    monkeypatch.delenv("MONGO_URL")
    with pytest.raises(ValueError, match="ENV_MONGO_URL"):
        programs_of(MANY / "front.conf")


@pytest.mark.parametrize("file", ["front.conf", "engines.conf"])
def test_a_percent_sign_in_a_url_of_the_stores_is_no_format_of_supervisors(programs_of, monkeypatch, file):
    url = "mongodb://feed:p%40ss%2Fword,1@10.0.0.1,10.0.0.2/?replicaSet=rs0&authSource=admin"
    monkeypatch.setenv("MONGO_URL", url)
    assert "health" in programs_of(MANY / file)
    assert programs_of.environment["health"]["MONGO_URL"] == url
    assert "MONGO_URL" not in programs_of.environment[""]


def test_some_machine_has_each_role():
    texts = [(MANY / name).read_text("utf-8") for name in ("front.conf", "engines.conf")]
    by_supervisor = {
        role for text in texts for roles in re.findall(r"--roles (\S+)", text) for role in roles.split(",")
    }
    composed = [service.get("environment", {}) for service in services_of("ops/many/compose.yaml").values()]
    by_compose = {role for one in composed for role in one.get("ROLES", "").split(",") if role}
    assert by_supervisor == by_compose == set(ROLES)


@pytest.mark.parametrize("path", COMPOSED[:2])
def test_compose_sets_what_are_settings(path, tmp_path):
    for service in services_of(path).values():
        environment = {
            name: re.sub(r"\$\{.*", "", str(value)) for name, value in service.get("environment", {}).items()
        }
        assert environment.keys() <= {setting.name.upper() for setting in SETTINGS}
        read_settings({"data_dir": str(tmp_path)}, environment)


def test_each_mongodb_of_the_compose_files_has_transactions():
    members = {
        name: service["command"]
        for path in COMPOSED
        for name, service in services_of(path).items()
        if service.get("image", "").startswith("mongo:") and "entrypoint" not in service
    }
    sets = {
        name: command[command.index("--replSet") + 1] for name, command in members.items() if name != "mongos"
    }
    assert sets == {"mongo": "rs0", "mongo-config": "config", "mongo-1": "shard1", "mongo-2": "shard2"}
    # The one that servers name makes itself a set, and is well once it is one.
    mongo, server = (services_of("compose.yaml")[name] for name in ("mongo", "server"))
    assert server["environment"]["MONGO_URL"] == "mongodb://mongo:27017/?replicaSet=rs0"
    looks = mongo["healthcheck"]["test"][-1]
    assert 'rs.initiate({_id: "rs0", members: [{_id: 0, host: "mongo:27017"}]})' in looks
    assert "isWritablePrimary" in looks


def test_nginx_finds_the_servers_that_supervisor_starts(programs_of):
    many = [MANY / "front.conf", MANY / "engines.conf"]
    for folder, files in ((MANY, many), (ROOT / "config", [ROOT / "supervisord.conf"])):
        commands = " ".join(command for file in files for command in programs_of(file).values())
        for port in re.findall(r"server 127\.0\.0\.1:(\d+)", (folder / "upstreams.conf").read_text("utf-8")):
            assert f"--port {port} " in f"{commands} "
