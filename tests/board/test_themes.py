"""Themes from files: those of the program hold everything, those of a user add to them, and none stops the board."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.house.sources import TREE
from tui_monitor.board.colours import Depth
from tui_monitor.board.theme import ANSI, BARE, COLOURS, STATUSES, STYLES, Theme, bare
from tui_monitor.board.themes import MAX_BYTES, ORDER, Said, Themes, parse, themes_of
from tui_monitor.core.errors import ConfigError
from tui_monitor.core.text import clean

SHIPPED = themes_of({}).shipped
EVERY = pytest.mark.parametrize("name", ORDER)
MINE = "name: mine\ndark: true\n"


@pytest.fixture
def themes(tmp_path: Path) -> Themes:
    (tmp_path / "themes").mkdir()
    return Themes(SHIPPED, tmp_path / "themes")


def put(themes: Themes, text: str, name: str = "mine") -> None:
    (themes.own / f"{name}.yaml").write_text(text, "utf-8")


def wrongs(text: str | bytes, name: str = "mine") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text.encode() if isinstance(text, str) else text, name, "mine.yaml")
    return [str(problem) for problem in caught.value.problems]


# -- those of the program -------------------------------------------------------------------------------------------


def test_the_program_brings_seven_themes_in_the_order_of_the_picker():
    assert themes_of({"TUI_MONITOR_HOME": "/nowhere"}).names() == ORDER


@EVERY
def test_each_theme_says_everything_itself(name: str, themes: Themes):
    said = parse((SHIPPED / f"{name}.yaml").read_bytes(), name, name)
    assert said.is_whole
    theme = themes.load(name)
    assert set(theme.colours) == {*COLOURS, *STATUSES}
    assert set(theme.looks) == set(STYLES)
    assert theme.about
    assert theme.dark == (name != "light")


@EVERY
def test_each_theme_is_laid_out_as_the_schema_orders_it(name: str):
    said = parse((SHIPPED / f"{name}.yaml").read_bytes(), name, name)
    assert list(said.colours) == [*COLOURS, *STATUSES]


@EVERY
def test_themes_of_the_terminal_have_its_colours_and_the_others_have_none_of_them(name: str, themes: Themes):
    theme = themes.load(name)
    assert theme.ansi == (name in ("ansi-16", "mono"))
    assert all((colour in ANSI) == theme.ansi for colour in theme.colours.values())


def test_mono_has_no_colour_and_needs_no_file_to_look_as_it_does(themes: Themes):
    mono = themes.load("mono")
    assert mono.is_colourless
    assert mono.looks == bare().looks
    assert not [look for look in mono.looks.values() if look.colour or look.on or "italic" in look.attributes]
    assert set(BARE) == set(STYLES)


def test_the_statuses_of_mono_that_people_must_act_on_stand_out():
    looks = bare().looks
    assert not looks["operational"].attributes
    assert looks["major"].attributes > looks["degraded"].attributes > looks["operational"].attributes


def test_the_first_theme_is_there_at_once(themes: Themes):
    spent = []
    for _ in range(20):
        begun = time.perf_counter()
        themes.choose("", Depth.FULL)
        spent.append(time.perf_counter() - begun)
    assert min(spent) < 0.02


def test_only_the_theme_that_is_worn_is_read(themes: Themes):
    for name in ("broken", "broken-too"):
        put(themes, "\0", name)
    assert themes.choose("dark", Depth.FULL).notes == ()
    assert "broken" in themes.names()


# -- those of the user ----------------------------------------------------------------------------------------------


def test_the_users_folder_is_in_the_configuration_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert themes_of({}).own.parts[-2:] == ("tui-monitor", "themes")
    assert themes_of({"TUI_MONITOR_HOME": str(tmp_path / "state")}).own == tmp_path / "state" / "themes"


def test_a_theme_of_the_user_joins_the_others_and_takes_from_dark_what_it_does_not_say(themes: Themes):
    put(themes, MINE + "about: 'all mine'\ncolours:\n  accent: '#F0A'\nstatus: {major: '#ff0000'}\n")
    assert themes.names() == (*ORDER, "mine")
    mine, dark = themes.load("mine"), themes.load("dark")
    assert (mine.name, mine.about) == ("mine", "all mine")
    assert mine.colours == {**dark.colours, "accent": "#ff00aa", "major": "#ff0000"}
    assert mine.looks["bad"].colour == "#ff0000"
    assert mine.looks["bar-key"] == dark.looks["bar-key"]


@pytest.mark.parametrize(
    ("says", "model"), [("dark: false", "light"), ("dark: true", "dark"), ("{dark: true, ansi: true", "ansi-16")]
)
def test_a_theme_is_completed_from_one_of_its_kind(says: str, model: str, themes: Themes):
    put(themes, f"{says}, name: mine}}" if says[0] == "{" else f"name: mine\n{says}\n")
    mine = themes.load("mine")
    assert (mine.colours, mine.looks) == (themes.load(model).colours, themes.load(model).looks)


def test_a_theme_of_the_user_takes_the_place_of_one_of_the_program(themes: Themes):
    put(themes, "name: dark\ndark: true\ncolours: {background: '#010203'}\n", "dark")
    assert themes.names() == ORDER
    assert themes.choose("", Depth.FULL).theme.colours["background"] == "#010203"
    assert themes.load("dark").colours["foreground"] == Themes(SHIPPED, SHIPPED).load("dark").colours["foreground"]


def test_a_style_may_look_otherwise(themes: Themes):
    put(themes, MINE + "styles: {major: 'bold reverse major on #000000', selected: underline}\n")
    looks = themes.load("mine").looks
    assert looks["major"].on == "#000000"
    assert looks["major"].attributes == {"bold", "reverse"}
    assert (looks["selected"].on, looks["selected"].attributes) == ("", {"underline"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the theme is empty"),
        ("# only words", "the theme is empty"),
        ("just words", "the theme must be a mapping with name, dark and colours"),
        ("- a\n- b\n", "the theme must be one word here, not a list or an alias"),
        ("name: [mine]", "the theme must be one word here, not a list or an alias"),
        ("name: {a: b}", "the theme must be one word here, not a mapping"),
        ("? {a: b}\n: c", "the theme must be one word here, not a mapping"),
        ("name: mine\n---\nname: mine", "the theme holds a second document, and a theme is one"),
        ("name: 'mine", "the theme is not YAML: found unexpected end of stream"),
        ("name: \0", "the theme is not YAML: it holds a control character"),
        ("name: mine\n", "dark: is missing: write dark: true or dark: false"),
        ("dark: true\n", "name: is missing: write name: mine"),
        ("name:\ndark: true", "name: is missing: write name: mine"),
        ("name: yours\ndark: true", "name: must be 'mine', as the file is called, not 'yours'"),
        ("name: mine\ndark: perhaps", "dark: must be true or false, not 'perhaps'"),
        ("name: mine\ndark: 'true'", "dark: must be true or false, not 'true'"),
        (MINE + "ansi: 1", "ansi: must be true or false, not '1'"),
        (MINE + "dark: true", "dark: stands there twice"),
        (MINE + "colors:\n  muted: '#000000'\n", "colors: is not known; did you mean 'colours'?"),
        (MINE + "colours:\n  deep: {muted: '#000000'}\n", "the theme must be one word here, not a mapping"),
        (MINE + "author: me", f"author: is not known; known here are {', '.join(('name', 'about', 'dark', 'ansi'))}"),
        (MINE + "colours: blue", "colours: must hold names and what belongs to them"),
        (MINE + "colours: {backgroud: '#000000'}", "colours.backgroud: is not known; did you mean 'background'?"),
        (MINE + "colours: {major: '#000000'}", "colours.major: is not known; "),
        (MINE + "colours:\n  text: #000000", "colours.text: is not known"),
        (MINE + "colours:\n  muted: #000000", "colours.muted: has no value; a colour that begins with #"),
        (
            MINE + "status: {major: red}",
            "status.major: 'red' is not a colour: write it in quotes and with six digits",
        ),
        (MINE + "status: {major: '#12345'}", "status.major: '#12345' is not a colour"),
        (MINE + "status: {major: '#ff0000ff'}", "status.major: '#ff0000ff' is not a colour"),
        (MINE + "status: {down: '#ff0000'}", "status.down: is not known"),
        (MINE + "ansi: true\nstatus: {major: '#ff0000'}", "'#ff0000' is not a colour of a theme with ansi: true"),
        (MINE + "styles: {major: blinking major}", "styles.major: 'blinking' is neither a colour of this theme nor"),
        (MINE + "styles: {major: major on}", "styles.major: says 'on' without a colour after it"),
        (MINE + "styles: {major: bold text}", "styles.major: 'text' is neither"),
        (MINE + "styles: {major: major accent}", "styles.major: names two colours for the text; write one"),
        (MINE + "styles: {huge: bold}", "styles.huge: is not known"),
        (MINE + "about: \x1b[31mred", "the theme is not YAML: it holds a control character"),
    ],
)
def test_each_mistake_is_one_clear_sentence_with_its_place(text: str, said: str):
    first = wrongs(text)[0]
    assert first.startswith("mine.yaml:")
    assert said in first


def test_everything_wrong_is_told_at_once_and_in_order():
    found = wrongs("name: no\ndark: 3\nhue: 7\ncolours:\n  accent: pink\nstyles:\n  text: shiny\n")
    assert [one.split(": ")[1] for one in found] == ["name", "dark", "hue", "colours.accent", "styles.text"]
    assert [int(one.split(":")[1]) for one in found] == [1, 2, 3, 5, 7]


def test_a_file_that_is_no_text_or_far_too_large_is_told():
    assert "is not UTF-8 text" in wrongs(b"name: \xff")[0]
    assert "is larger than 64 kB" in wrongs(b"#" * (MAX_BYTES + 1))[0]


SHARDS = st.sampled_from(
    [
        *(
            "name: mine\n",
            "dark: true\n",
            "ansi: true\n",
            "colours:\n",
            "status:\n",
            "styles:\n",
            "  accent: ",
            "  major: ",
        ),
        *(
            "'#ff0000'\n",
            "bold on\n",
            "on panel\n",
            "red\n",
            "default\n",
            "&a ",
            "*a",
            "<<: ",
            "!!python/object:os ",
            "? ",
        ),
        *(
            "[",
            "]",
            "{",
            "}",
            "- ",
            "|\n",
            "\t",
            "\n---\n",
            "...\n",
            "%YAML 9.9\n",
            "\x00",
            "\x85",
            "\u2028",
            "\ufeff",
            "'",
        ),
        *(
            "#" * 300,
            "a" * 3000,
            "{" * 2000,
            "[" * 2000,
            "9" * 5000,
            "name: mine\ndark: true\ncolours:\n  accent: '#123456'\n",
        ),
    ]
)


def judge(raw: bytes) -> None:
    """A theme or problems, each of one harmless line; anything else raises and so fails the test."""
    try:
        said = parse(raw, "mine", "mine.yaml")
    except ConfigError as error:
        assert error.problems
        for problem in error.problems:
            assert clean(str(problem), 100_000) == str(problem)
        return
    assert isinstance(said, Said)
    model = parse((SHIPPED / "dark.yaml").read_bytes(), "dark", "dark.yaml")
    theme = said.theme(parse((SHIPPED / "mono.yaml").read_bytes(), "mono", "") if said.ansi else model)
    assert set(theme.looks) == set(STYLES)


@given(st.lists(SHARDS, max_size=14).map("".join))
def test_any_shards_of_yaml_are_a_theme_or_problems(text: str):
    judge(text.encode())
    judge(MINE.encode() + text.encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_theme_or_problems(raw: bytes):
    judge(raw)
    judge(MINE.encode() + raw)


@given(
    st.sampled_from(["colours", "status", "styles"]),
    st.sampled_from([*COLOURS, *STATUSES, *STYLES]),
    st.text(max_size=12) | st.sampled_from([*ANSI, "#fff", "#FFFFFF", "bold", "on", "on on", "bold major on panel"]),
    st.booleans(),
)
def test_any_value_of_any_key_is_taken_or_told(section: str, key: str, value: str, ansi: bool):
    quoted = value.replace("'", "''")
    judge(f"{MINE}ansi: {str(ansi).lower()}\n{section}:\n  {key}: '{quoted}'\n".encode("utf-8", "surrogatepass"))


# -- whatever is wrong, the board starts ----------------------------------------------------------------------------


def test_a_broken_theme_is_left_out_and_told_in_a_sentence(themes: Themes):
    put(themes, MINE + "colours: {accent: pink, muted: grey}\n")
    theme, notes = themes.choose("mine", Depth.FULL)
    assert theme.name == "dark"
    assert len(notes) == 1
    assert notes[0].startswith("the theme 'mine' is left out: ")
    assert "'pink' is not a colour" in notes[0]
    assert notes[0].endswith("(and 1 more)")


def test_a_broken_theme_of_the_user_gives_way_to_that_of_the_program_with_its_name(themes: Themes):
    put(themes, "name: nord\n", "nord")
    theme, notes = themes.choose("nord", Depth.FULL)
    assert theme == Themes(SHIPPED, SHIPPED).load("nord")
    assert len(notes) == 1


def test_a_theme_that_is_nowhere_is_told_with_one_that_may_be_meant(themes: Themes):
    theme, notes = themes.choose("nrd", Depth.FULL, is_light=True)
    assert theme.name == "light"
    assert notes == ("there is no theme 'nrd'; did you mean 'nord'?",)
    assert "there are dark, light," in themes.choose("\x1b[2J", Depth.FULL).notes[0]


@pytest.mark.parametrize("name", ["../dark", "/etc/passwd", "dark.yaml", "", "a" * 100_000, "Dark", "\0"])
def test_no_name_leads_out_of_the_folders(name: str, themes: Themes):
    (themes.own.parent / "dark.yaml").write_text(MINE)
    with pytest.raises(ConfigError):
        themes.load(name)


def test_without_any_file_there_still_is_a_theme(tmp_path: Path):
    theme, notes = Themes(tmp_path / "gone", tmp_path / "gone-too").choose("nord", Depth.FULL)
    assert theme.is_colourless
    assert set(theme.looks) == set(STYLES)
    assert len(notes) == 2


def test_what_cannot_be_read_is_told_and_the_rest_is_offered(themes: Themes):
    (themes.own / "folder.yaml").mkdir()
    os.mkfifo(themes.own / "pipe.yaml")
    (themes.own / "lost.yaml").symlink_to(themes.own / "nowhere")
    put(themes, MINE, "My Theme")
    put(themes, MINE)
    found, problems = themes.all()
    assert [theme.name for theme in found] == [*ORDER, "mine"]
    told = "\n".join(map(str, problems))
    assert len(problems) == 4
    assert "folder.yaml: the theme cannot be read" in told
    assert "pipe.yaml: the theme cannot be read: it is a pipe" in told
    assert "lost.yaml: the theme cannot be read: no such file" in told
    assert "has a name like my-theme.yaml" in told


# -- fitted to the terminal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depth", "is_light", "usual"),
    [
        (Depth.FULL, False, "dark"),
        (Depth.FULL, True, "light"),
        (Depth.MANY, False, "dark"),
        (Depth.SIXTEEN, True, "ansi-16"),
        (Depth.NONE, False, "mono"),
    ],
)
def test_where_nobody_names_one_the_terminal_decides(depth: Depth, is_light: bool, usual: str, themes: Themes):
    for asked in ("", "auto"):
        theme, notes = themes.choose(asked, depth, is_light)
        assert (theme.name, notes) == (usual, ())


@EVERY
def test_where_there_are_no_colours_no_theme_has_any(name: str, themes: Themes):
    theme = themes.choose(name, Depth.NONE).theme
    assert theme.name == name
    assert theme.is_colourless


def test_where_there_are_no_colours_a_theme_of_the_user_cannot_bring_some(themes: Themes):
    put(themes, "name: mono\ndark: true\nansi: true\nstatus: {major: red}\n", "mono")
    theme = themes.choose("", Depth.NONE).theme
    assert not [look for look in theme.looks.values() if look.colour or look.on]


@EVERY
def test_in_sixteen_colours_every_theme_keeps_to_those_of_the_terminal(name: str, themes: Themes):
    theme = themes.choose(name, Depth.SIXTEEN).theme
    assert theme.name == name
    assert theme.ansi
    assert {*theme.colours.values()} <= {*ANSI}


def test_what_is_old_is_drawn_muted_but_the_bars_that_say_so(themes: Themes):
    for theme in (*map(themes.load, ORDER),):
        old = theme.faded()
        assert {name for name, look in old.looks.items() if look == theme.looks[name]} >= {"alarm", "test", "muted"}
        assert not [name for name, look in old.looks.items() if name in STATUSES and not is_quiet(look, theme)]
        assert old.looks["selected"].on == theme.looks["selected"].on


def is_quiet(look: object, theme: Theme) -> bool:
    quiet = theme.looks["muted"]
    return look.colour == quiet.colour and look.attributes >= quiet.attributes and "bold" not in look.attributes


# -- from wherever it is installed ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the source archive as `make build` makes them, of a copy of the tree."""
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    if not (TREE / "tui_monitor").is_dir():
        pytest.skip("no source beside the tests: these themes came out of a wheel")
    folder = tmp_path_factory.mktemp("built")
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)], cwd=TREE, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    return folder


def test_wheel_and_source_archive_bring_every_theme(archives: Path):
    (wheel,), (source,) = archives.glob("*.whl"), archives.glob("*.tar.gz")
    wanted = {f"{name}.yaml" for name in ORDER}
    with zipfile.ZipFile(wheel) as opened:
        brought = {Path(name).name for name in opened.namelist() if name.startswith("tui_monitor/themes/")}
    with tarfile.open(source) as packed:
        packed_too = {Path(name).name for name in packed.getnames() if name.split("/")[1:2] == ["themes"]}
    assert brought == wanted
    assert packed_too - {"themes"} == wanted


def test_the_themes_are_found_from_an_unpacked_wheel_and_from_a_checkout(archives: Path, tmp_path: Path):
    (wheel,) = archives.glob("*.whl")
    installed, checkout = tmp_path / "installed", tmp_path / "checkout"
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(installed)
    shutil.copytree(TREE / "tui_monitor", checkout / "tui_monitor", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TREE / "themes", checkout / "themes")
    for place, folder in ((installed, "tui_monitor/themes"), (checkout, "themes")):
        asked = "from tui_monitor.board.themes import themes_of; t = themes_of(); print(t.shipped, *t.names())"
        said = subprocess.run(
            [sys.executable, "-c", asked],
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(place)},
            capture_output=True,
        )
        assert said.stdout.decode().split() == [str(place / folder), *ORDER], said.stderr
