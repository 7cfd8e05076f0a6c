"""The notebook server of a sandbox. It belongs to root on a read-only file system; no file in a home is read as one."""

import secrets

from jupyter_server import serverapp

c = get_config()  # type: ignore[name-defined]  # noqa: F821

# No way in beside notebooks, no way out beside the screen.
serverapp.JUPYTER_SERVICE_HANDLERS["nbconvert"] = None  # there is no setting for it
c.ServerApp.terminals_enabled = False
c.ServerApp.jpserver_extensions = {
    "jupyterlab": True,
    "jupyter_lsp": False,
    "jupyter_server_terminals": False,
    "notebook_shim": False,
}
c.ServerApp.contents_manager_class = "contents.SandboxContents"
c.ContentsManager.files_handler_class = None  # the route /files does not exist
c.ContentsManager.allow_hidden = False

c.ServerApp.root_dir = "/home/sandbox"
c.ServerApp.default_url = "/lab"
c.ServerApp.cookie_secret = secrets.token_bytes(32)  # else it is kept in a file
c.KernelSpecManager.allowed_kernelspecs = {"python3"}
c.KernelSpecManager.ensure_native_kernel = False  # else the name python3 means ipykernel's own description of it

# Signatures of notebooks would be kept in the data folder, which is read-only.
c.NotebookNotary.db_file = ":memory:"
c.NotebookNotary.secret = secrets.token_bytes(64)

# Served without sign-in, links followed: only from where root has put them.
_EXTENSIONS = "/opt/venv/share/jupyter/labextensions"
c.LabApp.labextensions_path = [_EXTENSIONS]
c.LabApp.extra_labextensions_path = []

# A token taken back at the hub is refused here this many seconds later.
c.HubOAuth.cache_max_age = 3

c.LabApp.extension_manager = "readonly"
c.LabApp.lock_all_plugins = True
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
