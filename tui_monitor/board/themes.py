"""The themes there are: found in files, read with distrust, and one of them chosen. Only here is YAML read for it.

A theme in the user's own folder adds to those that come with the program, or takes the place of one. What is wrong
with a file is told in sentences; the board starts all the same.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tui_monitor.board.colours import Depth, fewer, usual_theme
from tui_monitor.board.theme import COLOURS, STATUSES, STYLES, Theme, bare, colour_of, look_of, looks_of
from tui_monitor.core.errors import ConfigError, Problem
from tui_monitor.core.text import clean
from tui_monitor.places import themes_folder

MAX_BYTES = 64 * 1024
ORDER = ("dark", "light", "high-contrast", "colour-blind", "nord", "ansi-16", "mono")
"""How the picker shows those that come with the program; the user's own follow by name."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_TOP = ("name", "about", "dark", "ansi", "colours", "status", "styles")
_SECTIONS: Mapping[str, tuple[str, ...]] = {"colours": tuple(COLOURS), "status": STATUSES, "styles": tuple(STYLES)}
_TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_ANY = dict.fromkeys((*COLOURS, *STATUSES), "default")


class Chosen(NamedTuple):
    """The theme to draw with, and what the person should know about the one that was asked for."""

    theme: Theme
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Themes:
    """The folders that themes are in: that of the program, and the user's own."""

    shipped: Path
    own: Path

    def names(self) -> tuple[str, ...]:
        """All there are, without reading any."""
        found = {path.stem for path in (*_yaml_in(self.shipped), *_yaml_in(self.own)) if _NAME.fullmatch(path.stem)}
        return (*(name for name in ORDER if name in found), *sorted(found - {*ORDER}))

    def load(self, name: str) -> Theme:
        """One theme. ConfigError holds everything that is wrong with it, or says that there is none of this name."""
        return self._read(self._paths(name)[0])

    def all(self) -> tuple[list[Theme], list[Problem]]:
        """Every theme that can be drawn, for whoever picks one, and what is wrong with the rest."""
        themes, problems = [], [*self._misnamed()]
        for name in self.names():
            try:
                themes.append(self.load(name))
            except ConfigError as error:
                problems.extend(error.problems)
        return themes, problems

    def choose(self, asked: str, depth: Depth, is_light: bool = False) -> Chosen:
        """The theme that was asked for, or one that suits the terminal. There always is one, whatever is wrong."""
        usual = usual_theme(depth, is_light)
        theme, notes = self._first(usual if asked in ("", "auto") else asked, usual)
        return Chosen(self.fit(theme, depth), notes)

    def fit(self, theme: Theme, depth: Depth) -> Theme:
        """A theme as this terminal can show it, still under its own name. Where there are no colours, it has none."""
        if depth is Depth.NONE:
            return theme if theme.is_colourless else bare(theme.name, theme.about, theme.dark)
        if depth is Depth.SIXTEEN and not theme.ansi:
            stand_in, _ = self._first("ansi-16")
            return replace(stand_in, name=theme.name, about=theme.about)
        return fewer(theme) if depth is Depth.MANY else theme

    def _first(self, *names: str) -> tuple[Theme, tuple[str, ...]]:
        """The first that can be drawn: of each name the user's own, then the program's."""
        notes: list[str] = []
        for name in dict.fromkeys(names):
            try:
                for path in self._paths(name):
                    try:
                        return self._read(path), tuple(notes)
                    except ConfigError as error:
                        notes.append(_told(name, error.problems))
            except ConfigError as error:
                notes.append(str(error))
        return bare(), tuple(notes)

    def _paths(self, name: str) -> list[Path]:
        """Where this theme stands, the user's own first. ConfigError where it stands nowhere."""
        places = (*_yaml_in(self.own), *_yaml_in(self.shipped))
        if found := [path for path in places if path.stem == name and _NAME.fullmatch(name)]:
            return found
        known = self.names()
        near = difflib.get_close_matches(name[:60], known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'none'}"
        raise ConfigError([Problem(f"there is no theme {clean(name, 40)!r}; {hint}")])

    def _misnamed(self) -> Iterator[Problem]:
        for path in _yaml_in(self.own):
            if not _NAME.fullmatch(path.stem):
                text = "is not read: the file of a theme has a name like my-theme.yaml"
                yield Problem(text, file=clean(str(path), 300))

    def _read(self, path: Path) -> Theme:
        said = parse(_bytes_of(path), path.stem, clean(str(path), 300))
        if said.is_whole:
            return said.theme()
        model = self.shipped / ("ansi-16.yaml" if said.ansi else "dark.yaml" if said.dark else "light.yaml")
        return said.theme(parse(_bytes_of(model), model.stem, clean(str(model), 300)))


def themes_of(environ: Mapping[str, str] = os.environ) -> Themes:
    """The themes of this installation and of this user."""
    package = Path(__file__).parents[1]
    installed = package / "themes"
    return Themes(installed if installed.is_dir() else package.parent / "themes", themes_folder(environ))


def _yaml_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml" and path.name[0] != ".")
    except OSError:
        return []


def _told(name: str, problems: Iterable[Problem]) -> str:
    """One sentence, however much is wrong."""
    first, *rest = problems
    return clean(f"the theme {name!r} is left out: {first}", 400) + (f" (and {len(rest)} more)" if rest else "")


def _bytes_of(path: Path) -> bytes:
    """A pipe is not waited for, and of a huge file only as much is read as shows that it is one."""
    file = clean(str(path), 300)
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as opened:
            if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return opened.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigError([Problem(f"the theme cannot be read: {reason}", file=file)]) from None
    raise ConfigError([Problem("the theme cannot be read: it is a pipe or a device", file=file)])


# -- what a file says -----------------------------------------------------------------------------------------------


class Written(NamedTuple):
    """One word of the file and where it stands."""

    text: str
    line: int
    column: int
    is_plain: bool = False

    @property
    def is_missing(self) -> bool:
        return self.is_plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class Said:
    """What a file says of a theme; it need not say everything."""

    name: str
    about: str = ""
    dark: bool = True
    ansi: bool = False
    colours: dict[str, str] = field(default_factory=dict)
    recipes: dict[str, str] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return len(self.colours) == len(_ANY)

    def theme(self, model: Said | None = None) -> Theme:
        """The whole theme; what it does not say is as in the model."""
        colours = {**model.colours, **self.colours} if model else self.colours
        recipes = {**model.recipes, **self.recipes} if model else self.recipes
        looks = looks_of(colours, self.ansi, recipes)
        return Theme(self.name, self.about, self.dark, self.ansi, colours, looks)


def parse(raw: bytes, name: str, file: str) -> Said:
    """What a file of this name says. ConfigError holds everything that is wrong, and nothing else is ever raised."""
    reader = _Reader(file)
    said = reader.said(reader.tree(reader.text(raw)), name)
    if reader.problems:
        raise ConfigError(sorted(reader.problems, key=lambda one: (one.line or 0, one.column or 0)))
    return said


Entry = tuple[Written, Written | None]
"""A key and its value; without one, a section."""


class _Reader:
    """One file, and what is wrong with it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[Problem] = []

    def text(self, raw: bytes) -> str:
        if len(raw) > MAX_BYTES:
            raise self._fault(f"is larger than {MAX_BYTES // 1024} kB, which no theme is")
        try:
            return raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._fault("is not UTF-8 text from here on", raw.count(b"\n", 0, error.start) + 1) from None

    def tree(self, text: str) -> dict[str, dict[str, Entry]]:
        """Keys and values by section; the section of the top has no name. Deeper than that a theme never goes."""
        tree: dict[str, dict[str, Entry]] = {"": {}}
        path: list[str] = []
        key: Written | None = None
        for event in self._events(text):
            if isinstance(event, yaml.MappingStartEvent):
                path.append(self._begin(tree, path, key, event))
                key = None
            elif isinstance(event, yaml.MappingEndEvent):
                path.pop()
            elif not path:
                raise self._fault("must be a mapping with name, dark and colours", *_place(event))
            else:
                word = Written(event.value, *_place(event), is_plain=not event.style)
                if key is not None and path[-1] in tree:
                    self._put(tree, path[-1], key, word)
                key = word if key is None else None
        return tree

    def _begin(self, tree: dict[str, dict[str, Entry]], path: list[str], key: Written | None, event: Any) -> str:
        """The section that begins here. What is below an unknown one is passed over, for one mistake is told once."""
        if not path:
            return ""
        if len(path) > 1 or key is None or (key.text in _TOP and key.text not in _SECTIONS):
            raise self._fault("must be one word here, not a mapping", *_place(event))
        self._put(tree, "", key, None)
        if key.text in _SECTIONS:
            tree.setdefault(key.text, {})
        return key.text

    def _events(self, text: str) -> Iterator[Any]:
        """Of the parser's events those that a theme is made of. It reads on only as they are taken."""
        documents = nodes = 0
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                documents += isinstance(event, yaml.DocumentStartEvent)
                if documents > 1:
                    raise self._fault("holds a second document, and a theme is one", *_place(event))
                if isinstance(event, yaml.SequenceStartEvent | yaml.AliasEvent):
                    raise self._fault("must be one word here, not a list or an alias", *_place(event))
                if isinstance(event, yaml.MappingStartEvent | yaml.MappingEndEvent | yaml.ScalarEvent):
                    nodes += 1
                    yield event
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise self._fault(f"is not YAML: {clean(error.problem or 'unreadable', 100)}", line, column) from None
        except yaml.YAMLError:
            raise self._fault("is not YAML: it holds a control character") from None
        if not nodes:
            raise self._fault("is empty: it has at least a name, and whether it is dark")

    def _put(self, tree: dict[str, dict[str, Entry]], section: str, key: Written, value: Written | None) -> None:
        known = _SECTIONS.get(section, _TOP)
        path = f"{section}.{clean(key.text, 60)}" if section else clean(key.text, 60)
        if key.text not in known:
            near = difflib.get_close_matches(key.text[:60], known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known here are {', '.join(known)}"
            self._tell(f"is not known; {hint}", key, path)
        elif key.text in tree[section]:
            self._tell("stands there twice", key, path)
        else:
            tree[section][key.text] = key, value

    def said(self, tree: dict[str, dict[str, Entry]], name: str) -> Said:
        top = tree[""]
        for section in _SECTIONS:
            value = top.get(section, (None, None))[1]
            if value is not None and not value.is_missing:
                self._tell("must hold names and what belongs to them, one on each line below it", value, section)
        said = Said(name, dark=self._truth(top, "dark", None), ansi=self._truth(top, "ansi", False))
        self._check_name(top, name)
        if about := self._word(top, "about"):
            said.about = clean(about.text, 100)
        for section in ("colours", "status"):
            for key, (_, value) in tree.get(section, {}).items():
                self._colour(said, key, value, f"{section}.{key}")
        for key, (_, value) in tree.get("styles", {}).items():
            self._recipe(said, key, value)
        return said

    def _check_name(self, top: Mapping[str, Entry], name: str) -> None:
        word = self._word(top, "name")
        if word is None:
            self._tell(f"is missing: write name: {name}", top.get("name", (None, None))[0], "name")
        elif word.text != name:
            self._tell(f"must be {name!r}, as the file is called, not {clean(word.text, 40)!r}", word, "name")

    def _truth(self, top: Mapping[str, Entry], key: str, usual: bool | None) -> bool:
        word = self._word(top, key)
        if word is None and usual is None:
            self._tell(f"is missing: write {key}: true or {key}: false", top.get(key, (None, None))[0], key)
        elif word is not None and not (word.is_plain and word.text in _TRUTHS):
            self._tell(f"must be true or false, not {clean(word.text, 40)!r}", word, key)
        return _TRUTHS.get(word.text, False) if word else bool(usual)

    def _word(self, top: Mapping[str, Entry], key: str) -> Written | None:
        value = top.get(key, (None, None))[1]
        return None if value is None or value.is_missing else value

    def _colour(self, said: Said, key: str, value: Written | None, path: str) -> None:
        if value is None or value.is_missing:
            self._tell("has no value; a colour that begins with # must stand in quotes", value, path)
            return
        try:
            said.colours[key] = colour_of(value.text, said.ansi)
        except ValueError as error:
            self._tell(str(error), value, path)

    def _recipe(self, said: Said, key: str, value: Written | None) -> None:
        text = "" if value is None or value.is_missing else value.text
        try:
            look_of(text[:200], _ANY, said.ansi)
        except ValueError as error:
            self._tell(str(error), value, f"styles.{key}")
        said.recipes[key] = text

    def _tell(self, text: str, word: Written | None, path: str) -> None:
        line, column = (word.line, word.column) if word else (1, 1)
        self.problems.append(Problem(text, path, line, column, self._file))

    def _fault(self, text: str, line: int = 1, column: int = 1) -> ConfigError:
        return ConfigError([Problem(f"the theme {text}", "", line, column, self._file)])


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
