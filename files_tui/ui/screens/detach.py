"""Taking files out of vector stores: which, the question, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from files_tui import text
from files_tui.api.abort import Abort
from files_tui.api.errors import Aborted, ApiError
from files_tui.api.holders import Holder
from files_tui.api.models import File
from files_tui.ui.background import in_background
from files_tui.ui.screens.dialog import Dialog

LISTED = 200

Place = tuple[Holder, text.Untrusted]
"""A vector store, and a file in it."""


class DetachScreen(Dialog[None]):
    """Asks before it detaches, and stays where that fails. The files themselves stay, whatever comes of it.

    `where` is the account; `detach` does it for one place, and raises `ApiError` and `Aborted`.
    """

    is_grave = True
    CSS_PATH = ["dialog.tcss", "delete.tcss"]
    AUTO_FOCUS = "#cancel"

    BINDINGS = [
        Binding("y", "detach", "Detach", id="detach.yes"),
        Binding("n,escape", "leave", "Cancel", id="detach.no"),
    ]

    def __init__(
        self,
        places: Sequence[Place],
        files: Sequence[File],
        detach: Callable[[Holder, text.Untrusted, Abort], bool],
        where: text.Safe,
    ) -> None:
        super().__init__()
        self._places = list(places)
        self._names = {file.id: file.filename for file in files}
        self._take_out = detach
        self._where = where
        self._abort = Abort()
        self._under_way = False
        self._left = list(places)
        self._outcomes: dict[Place, str] = {}

    def compose(self) -> ComposeResult:
        files = len({file_id for _, file_id in self._places})
        stores = len({store.id for store, _ in self._places})
        one = text.safe(self._names.get(self._places[0][1], ""), 30) if files == 1 else ""
        with Vertical(classes="dialog danger") as dialog:
            what = one or text.plural(files, "file")
            dialog.border_title = Content(f"Detach {what} from {text.plural(stores, 'vector store')}")
            dialog.border_subtitle = Content(f"from {self._where}")
            with VerticalScroll(id="delete-list", can_focus=False):
                yield Static(self._listing(), id="delete-files", markup=False)
            stays = "The files stay" if files > 1 else "The file stays"
            yield Static(f"{stays}; searches in the stores no longer find it.", id="delete-warning", markup=False)
            with Vertical(classes="foot"):
                yield Static("", classes="problem", markup=False)
                with Horizontal(classes="buttons"):
                    yield Button(self.hint("Cancel {detach.no}"), id="cancel")
                    yield Button("Detach", id="detach", variant="error")

    def readable(self) -> None:
        button = self.query_one("#detach", Button)
        button.label = self.hint("Detach {detach.yes}")
        button.refresh(layout=True)  # which a narrow one needs

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Once at a time."""
        return not (action == "detach" and self._under_way) and super().check_action(action, parameters)

    def _listing(self) -> Text:
        shown = Text(no_wrap=True, overflow="ellipsis")
        for place in self._places[:LISTED]:
            store, file_id = place
            said = self._outcomes.get(place)
            mark, style = (" ", "") if said is None else ("✗", "bold red") if said else ("✓", "green")
            shown.append(f"{mark} ", style).append(text.safe(store.name or store.id, 30))
            shown.append(f"  {text.safe(store.id, 34)}  ", "dim").append(text.safe(self._names.get(file_id, ""), 30))
            shown.append(f"\n    {said}" if said else "", style).append("\n")
        if len(self._places) > LISTED:
            shown.append(f"  … and {text.count(len(self._places) - LISTED)} more\n", "dim")
        shown.right_crop(1)
        return shown

    @on(Button.Pressed, "#detach")
    def action_detach(self) -> None:
        """Detach, or try again what failed."""
        if self._under_way or not self.is_readable:
            return
        self._under_way = True
        self.tell("")
        in_background(self, self._run, "detach")

    def _run(self) -> None:
        for place in list(self._left):
            try:
                self._take_out(*place, self._abort)
            except Aborted:
                return
            except ApiError as error:
                self.call_later(self._ended, place, text.one_line(str(error)))
            else:
                self.call_later(self._ended, place, "")
        self.call_later(self._all_ended)

    def _ended(self, place: Place, problem: str) -> None:
        self._outcomes[place] = problem
        if not problem:
            self._left.remove(place)
        if self.is_attached:
            self.query_one("#delete-files", Static).update(self._listing())

    def _all_ended(self) -> None:
        self._under_way = False
        if not self._left or not self.is_attached:
            self.dismiss(None)
            return
        all_places = len(self._places)
        done = f"{text.count(all_places - len(self._left))} of {text.count(all_places)} detached"
        self.tell(done + self.hint("; {detach.yes} tries again, {detach.no} leaves"))

    @on(Button.Pressed, "#cancel")
    def action_leave(self) -> None:
        """Leave; what has not begun does not."""
        self._abort.cancel()
        self.dismiss(None)
