"""Where the hub is put together: JupyterHub 6, the broker's accounts, sandboxes for servers, pages in two languages.

Started by `amanat up`, which hands over everything below in the environment (`hub/settings.py` says what).
"""

from pathlib import Path

from hub.authenticator import BrokerAuthenticator
from hub.container import HOME, Limits
from hub.fitting import StaticFiles, fit
from hub.settings import HubSettings
from hub.spawner import AmanatSpawner

HERE = Path(__file__).resolve().parent
PROFILE = HERE / "sandbox-images" / "seccomp.json"
CONSOLE = "/services/console/"
IDENTIFY = ["read:users:name!user", "read:users:groups!user"]  # without both no login at a server or service succeeds
EVERYBODY = ["executors", "monitoring", "qualification", "stewards", "operators", "auditors"]

c = get_config()  # noqa: F821 - given by JupyterHub
settings = HubSettings.from_environment()
system, ports = settings.system, settings.system.ports
system.hub.mkdir(mode=0o700, parents=True, exist_ok=True)
fit()

# --- addresses: browser → guard → proxy → hub, all on loopback; a sandbox knows the hub by its inner door only ---
c.JupyterHub.bind_url = f"http://127.0.0.1:{ports.proxy}/"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{ports.hub}"
c.JupyterHub.hub_connect_url = f"http://127.0.0.1:{ports.hub}"
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports.proxy_api}"
c.ConfigurableHTTPProxy.auth_token = settings.proxy_secret
c.JupyterHub.last_activity_interval = 5  # the routes are looked at as often: a proxy started anew knows none
c.JupyterHub.db_url = f"sqlite:///{system.hub / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(system.hub / "cookie.secret")
c.JupyterHub.cleanup_servers = False  # a hub that is started again finds the sandboxes as they were
c.JupyterHub.cookie_max_age_days = 0.5

# --- people: the broker's, asked again every five seconds; whoever it does not know is out ---
c.JupyterHub.authenticator_class = BrokerAuthenticator
c.BrokerAuthenticator.settings = settings
c.Authenticator.allow_all = True  # the broker has already decided
c.Authenticator.manage_groups = True
c.Authenticator.auth_refresh_age = 5
c.Authenticator.auth_refresh_strict = True  # also for a token: without it a disabled person's token goes on
c.Authenticator.refresh_pre_spawn = True

# --- who may what ---
c.JupyterHub.custom_scopes = {"custom:console:use": {"description": "Use the console"}}
c.JupyterHub.load_roles = [
    # JupyterHub's own role of this name also makes tokens, starts servers and shares them.
    {"name": "user", "scopes": [*IDENTIFY, "users:activity!user", "access:servers!user"]},
    {"name": "executor", "scopes": ["servers!user"], "groups": ["executors"]},
    {"name": "console", "scopes": ["access:services!service=console", "custom:console:use"], "groups": EVERYBODY},
    {
        "name": "warden",
        "scopes": ["list:users", "read:users", "read:servers", "delete:servers", "tokens"],
        "services": ["warden"],
    },
]
c.JupyterHub.services = [
    {
        "name": "console",
        "url": f"http://127.0.0.1:{ports.api}",
        "api_token": settings.console_secret,
        "oauth_no_confirm": True,
        "oauth_redirect_uri": f"{CONSOLE}oauth_callback",
        "oauth_client_allowed_scopes": ["custom:console:use"],
    },
    {"name": "warden", "api_token": settings.warden_secret, "display": False},
]

# --- servers: one sandbox for one person and one contract ---
c.JupyterHub.spawner_class = AmanatSpawner
c.JupyterHub.allow_named_servers = True
c.JupyterHub.redirect_to_server = False
c.AmanatSpawner.settings = settings
c.AmanatSpawner.limits = Limits()
c.AmanatSpawner.seccomp = PROFILE.read_text() if PROFILE.is_file() else ""
c.DockerSpawner.image = system.sandboxes.image if system.sandboxes else ""
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.use_internal_ip = True
c.DockerSpawner.remove = True
c.Spawner.hub_connect_url = f"http://hub:{ports.inner}"
c.Spawner.notebook_dir = HOME
c.Spawner.default_url = "/lab"
c.Spawner.disable_user_config = True
c.Spawner.start_timeout = 90
c.Spawner.http_timeout = 45
c.Spawner.poll_interval = 5
c.Spawner.consecutive_failure_limit = 0  # a Docker that is away must not take sign-in and console down with it

# --- pages ---
c.JupyterHub.template_paths = [str(HERE / "hub" / "templates")]
c.JupyterHub.default_url = "/hub/home"
c.JupyterHub.tornado_settings = {
    "static_handler_class": StaticFiles,
    "cookie_options": {"SameSite": "Lax"} | ({"Secure": True} if system.public_url.startswith("https:") else {}),
    "headers": {
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    },
}
