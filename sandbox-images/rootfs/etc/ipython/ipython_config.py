"""Every kernel of a sandbox knows %%sql and shows a refusal as a sentence."""

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.InteractiveShellApp.extensions = ["amanat.magic"]
