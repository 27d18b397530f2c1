"""A network in the browser: look at an edge, choose its function, remove it, fit again.

`workbench` has the actions, each of which makes a version; `server` answers a browser on this machine; `page.html` is
what it shows. What a person did is in `kan log`, and can be done again by the commands that are named there.
"""

from kancli.view.server import Served, serve
from kancli.view.workbench import Workbench

__all__ = ["Served", "Workbench", "serve"]
