"""What is in the image, and what is not."""

from __future__ import annotations

import importlib.metadata
import json
import re

import pytest
from docker import DockerClient

from tests.sandbox_images.box import ROOT, Box

ABSENT = (
    "apt apt-get cc chroot curl dpkg ftp gcc g++ ld make mount nc newgrp nsenter openssl passwd perl pip pip3 scp "
    "setpriv ssh su sudo umount unshare wget"
)


def test_nothing_in_it_installs_compiles_fetches_or_changes_the_user(box: Box) -> None:
    found = box.sh(f"for p in {ABSENT}; do command -v $p; done")
    assert found == ""
    for module in ("pip", "ensurepip", "setuptools"):
        assert "No module named" in box.sh(f"/opt/venv/bin/python -m {module} --version")
        assert "No module named" in box.sh(f"/usr/bin/python3 -m {module} --version")


def test_no_file_lends_its_owners_rights_or_can_be_written(box: Box) -> None:
    others = "/tmp /home/sandbox /proc/* /sys/* /dev/*".split()
    system = "find / -xdev " + " ".join(f"-not -path '{path}'" for path in others)
    assert box.sh(f"{system} -perm /6000", "root") == ""
    assert box.sh(f"{system} -not -user root", "root") == ""
    assert box.sh(f"{system} -not -type l -perm /022", "root") == ""


def test_it_runs_as_an_ordinary_user_whom_the_system_knows(box: Box, client: DockerClient, image: str) -> None:
    assert box.sh("id").strip() == "uid=1000(sandbox) gid=1000(sandbox) groups=1000(sandbox)"
    assert client.images.get(image).attrs["Config"]["User"] == "1000:1000"
    assert box.sh("cat /etc/shadow").endswith("No such file or directory\n")


def test_every_library_of_the_lock_is_there_in_its_version(box: Box) -> None:
    lock = (ROOT / "sandbox-images/requirements.lock").read_text()
    wanted = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, re.MULTILINE))
    code = (
        "import importlib.metadata as m, json;"
        "print(json.dumps({d.name.lower().replace('_', '-'): d.version for d in m.distributions()}))"
    )
    assert json.loads(box.sh(f'/opt/venv/bin/python -c "{code}"')) == wanted
    assert wanted["jupyterhub"] == importlib.metadata.version("jupyterhub")
    assert wanted["duckdb"] == importlib.metadata.version("duckdb")
    assert tuple(map(int, wanted["matplotlib"].split(".")[:2])) >= (3, 11)


def test_they_all_work_together(box: Box) -> None:
    printed = box.run(
        """
        import adbc_driver_flightsql.dbapi, duckdb, matplotlib.pyplot as plt, numpy, pandas, polars, pyarrow.flight
        import sklearn.linear_model, sqlalchemy
        frame = duckdb.sql("SELECT range AS x, 2 * range AS y FROM range(1000)").df()
        print(polars.from_pandas(frame)["y"].sum())
        model = sklearn.linear_model.LinearRegression(n_jobs=2).fit(frame[["x"]], frame["y"])
        print(round(float(model.coef_[0]), 6))
        """
    )
    assert printed == "999000\n2.0\n"


@pytest.mark.parametrize("text", ["استان تهران", "Fars −3"])
def test_plots_have_letters_for_both_languages(box: Box, text: str) -> None:
    printed = box.run(
        f"""
        import io, matplotlib.pyplot as plt, matplotlib.font_manager as fonts, warnings
        figure = plt.figure(); figure.text(0, 0, {text!r})
        with warnings.catch_warnings(action="error"):  # a missing letter is a warning
            figure.savefig(io.BytesIO())
        plt.close(figure)
        print(fonts.findfont(fonts.FontProperties()).split("/")[-1])
        """
    )
    assert printed == "Vazirmatn-Regular.ttf\n"
