"""People who look at the page of a server: who is who, whose deals there are, their browsers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from served import Server, token

__all__ = ["OWNERS", "PAGE", "PEOPLE", "Browser", "looking"]

PEOPLE = """actor,name,role,team,manager
rep,Rita Rep,rep,North,mia
ann,Ann Andrews,rep,North,mia
mia,Mia Marsh,manager,North,boss
zoe,Zoe Zimmer,rep,South,boss
boss,Bo Boss,manager,Head,
"""
OWNERS = {"d1": "rep", "d2": "ann", "d3": "zoe", "d4": "nemo"}
PAGE = ("page",)


class Browser:
    """Somebody who looks at the page of a server, with cookies of their own."""

    def __init__(self, server: Server, host: str = "http://localhost") -> None:
        self.client = server.client
        self.host = host
        self.client.cookies.clear()
        self.jar: dict[str, str] = {}
        self.set: list[str] = []

    def get(self, path: str, **headers: str) -> Any:
        """A screen, wherever it leads."""
        return self._asked("GET", path, {}, headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Any:
        """The answer to a form."""
        return self._asked("POST", path, form, headers)

    def _asked(self, method: str, path: str, form: dict[str, str], headers: Any) -> Any:
        said = {"cookie": "; ".join(f"{n}={v}" for n, v in self.jar.items()), **headers}
        self.client.cookies.clear()
        answer = self.client.request(
            method, self.host + path, data=form or None, headers=said, follow_redirects=False
        )
        self.set = answer.headers.get_list("set-cookie")
        for each in self.set:
            name, _, value = each.partition(";")[0].partition("=")
            self.jar[name] = value
        if answer.status_code == 303:
            return self._asked("GET", answer.headers["location"], {}, headers)
        return answer

    def form_token(self, path: str, **headers: str) -> str:
        """What the forms of a screen carry."""
        found = re.search(r'name="form" value="([0-9a-f]{64})"', self.get(path, **headers).text)
        assert found, path
        return found[1]

    def sign_in(self, text: str) -> Any:
        """Signs in by a token."""
        return self.post("/sign-in", {"form": self.form_token("/sign"), "token": text})


def looking(db: Path, server: Server, by: str, *scopes: str) -> Browser:
    """Somebody who is signed in."""
    browser = Browser(server)
    assert browser.sign_in(token(db, *(scopes or PAGE), by=by)).status_code == 200
    return browser
