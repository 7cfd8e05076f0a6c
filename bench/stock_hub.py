"""The baseline: JupyterHub with DockerSpawner as it comes (default bridge, published port), on the same image.

Read by `jupyterhub -f`; `bench_sandbox.py` gives the ports and the folder.
"""

# mypy: ignore-errors
# ruff: noqa: F821, S105, S108
import os

base = int(os.environ["STOCK_PORT_BASE"])
c.JupyterHub.bind_url = f"http://127.0.0.1:{base}"
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{base + 2}"
c.JupyterHub.hub_connect_url = f"http://172.17.0.1:{base + 2}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{base + 1}"
c.ConfigurableHTTPProxy.command = os.environ["STOCK_PROXY"].split("\n")
c.JupyterHub.db_url = f"sqlite:///{os.environ['STOCK_FOLDER']}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{os.environ['STOCK_FOLDER']}/cookie"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "bench"
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.DockerSpawner.image = os.environ["STOCK_IMAGE"]
c.DockerSpawner.cmd = ["/opt/venv/bin/jupyterhub-singleuser"]
c.DockerSpawner.environment = {"HOME": "/tmp", "PYTHONPATH": "/opt/sandbox"}
c.DockerSpawner.extra_create_kwargs = {"entrypoint": ["/usr/bin/env"], "user": "1000:1000"}
c.DockerSpawner.extra_host_config = {"init": True}
c.DockerSpawner.name_template = "stock-bench-{username}"
c.DockerSpawner.remove = True
c.DockerSpawner.notebook_dir = "/tmp"
