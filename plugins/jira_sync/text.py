"""Descriptions both ways: Markdown as the program keeps it, wiki text as Jira keeps it.

What both know goes there and back unchanged: paragraphs, headings, bold, italic, struck, code, links, lists in lists,
quotes, rules, tables. What only one side knows stays as plain text. Only a text that somebody changed is ever
translated: `merging.py` compares each side with what that side said last, so nothing erodes by going back and forth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# What Jira takes for a field of text; longer ones it refuses as a whole.
LONGEST = 32_767
_SPECIAL = re.compile(r"([\\*_{}\[\]|^~+!])|(?<!\w)(-)(?=\S)|^(#|h[1-6]\.|bq\.)", re.MULTILINE)
_ADDRESS = re.compile(r"(https?://[^\s|\]\\]+)")
_MARKS = {"strong": "*", "em": "_", "s": "-"}
_SIGNS = frozenset(_MARKS.values())
_LANGUAGES = re.compile(r"[A-Za-z0-9+#.-]{1,20}")


def normalised(text: str) -> str:
    """The text as both sides mean it: one kind of line end, no blanks at ends of lines, none at the end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def cut(text: str, note: str) -> str:
    """The text if it fits into a field of Jira; otherwise as much as fits and the note that says so."""
    if len(text) <= LONGEST:
        return text
    kept = text[: LONGEST - len(note) - 2]
    return f"{kept[: max(kept.rfind(chr(10)), LONGEST // 2)]}\n\n{note}"


# Markdown to wiki text.


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    # Imported here: only a sync reads Markdown, and most processes never sync.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def to_wiki(markdown: str) -> str:
    """The Markdown as wiki text."""
    return normalised(_blocks(_reader().parse(normalised(markdown)), ""))


def _blocks(tokens: Sequence[Token], marks: str) -> str:
    """Blocks one after the other; `marks` are the list signs of the list they stand in ('*#')."""
    parts: list[str] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _end(tokens, position)
        inside = tokens[position + 1 : end]
        match token.type:
            case "heading_open":
                words = _inline(inside[0])
                # Jira knows no heading inside a list.
                parts.append(f"h{token.tag[1]}. {words}" if words and not marks else words)
            case "paragraph_open":
                parts.append(_inline(inside[0]))
            case "fence" | "code_block":
                language = (token.info or "").split(" ")[0]
                name = f":{language}" if _LANGUAGES.fullmatch(language) else ""
                parts.append(f"{{code{name}}}\n{token.content.rstrip(chr(10))}\n{{code}}")
            case "blockquote_open":
                words = _blocks(inside, "")
                parts.append(f"{{quote}}\n{words}\n{{quote}}" if words else "")
            case "hr":
                parts.append("----")
            case "bullet_list_open" | "ordered_list_open":
                sign = "*" if token.type.startswith("bullet") else "#"
                parts.append(_list(inside, marks + sign))
            case "table_open":
                parts.append(_table(inside))
            case _:
                parts.append(_escaped(token.content))
        position = end + 1
    return ("\n" if marks else "\n\n").join(part for part in parts if part)


def _end(tokens: Sequence[Token], start: int) -> int:
    """Where the block that begins at `start` ends."""
    depth = 0
    for position in range(start, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    return len(tokens) - 1


def _list(tokens: Sequence[Token], marks: str) -> str:
    lines: list[str] = []
    position = 0
    while position < len(tokens):
        end = _end(tokens, position)
        inside = tokens[position + 1 : end]
        # A list right at the beginning of a point would run its signs into those of the point.
        between = "\n" if inside and inside[0].type.endswith("_list_open") else " "
        lines.append(f"{marks}{between}{_blocks(inside, marks)}".rstrip())
        position = end + 1
    return "\n".join(lines)


def _table(tokens: Sequence[Token]) -> str:
    rows: list[str] = []
    cells: list[str] = []
    bar = "|"
    for position, token in enumerate(tokens):
        if token.type == "tr_open":
            cells = []
        elif token.type in ("th_open", "td_open"):
            bar = "||" if token.type == "th_open" else "|"
            cells.append(_inline(tokens[position + 1]) or " ")
        elif token.type == "tr_close":
            rows.append(f"{bar}{bar.join(cells)}{bar}")
    return "\n".join(rows)


def _inline(token: Token) -> str:
    out: list[str] = []
    links: list[str] = []
    depth: dict[str, int] = {}
    for child in token.children or ():
        match child.type:
            case "text":
                out.append(_escaped(child.content))
            case "softbreak":
                out.append(" ")
            case "hardbreak":
                out.append("\\\\\n")
            case "code_inline":
                out.append(f"{{{{{child.content}}}}}")
            case "strong_open" | "strong_close" | "em_open" | "em_close" | "s_open" | "s_close":
                # Jira knows no bold within bold: only the outermost mark is written.
                name, _, side = child.type.partition("_")
                depth[name] = depth.get(name, 0) + (1 if side == "open" else -1)
                if depth[name] == (1 if side == "open" else 0):
                    out.append(_MARKS[name])
            case "link_open":
                links.append(str(child.attrs.get("href", "")))
                out.append("[")
            case "link_close":
                out.append(f"|{links.pop()}]")
            case "image":
                out.append(f"[{_escaped(child.content) or child.attrs.get('src')}|{child.attrs.get('src')}]")
            case _:
                out.append(_escaped(child.content))
    return _within_words(out)


def _within_words(pieces: list[str]) -> str:
    """Pieces put together; marks that touch a letter on their outer side stand in braces, or Jira shows them."""
    opened: dict[str, int] = {}
    for position, piece in enumerate(pieces):
        if piece not in _SIGNS:
            continue
        if (start := opened.pop(piece, None)) is None:
            opened[piece] = position
            continue
        before = "".join(pieces[:start])[-1:]
        after = "".join(pieces[position + 1 :])[:1]
        if any(one.isalnum() or one in "*_-\\" for one in (before, after) if one):
            pieces[start] = pieces[position] = f"{{{piece}}}"
    return "".join(pieces)


def _escaped(text: str) -> str:
    pieces = _ADDRESS.split(text)
    return "".join(
        piece if place % 2 else _SPECIAL.sub(lambda found: "\\" + found.group(0), piece)
        for place, piece in enumerate(pieces)
    )


# Wiki text to Markdown.

_FENCE = re.compile(r"\{(code|noformat)(?::([^}]*))?\}")
_HEADING = re.compile(r"h([1-6])\.\s+(.*)")
_ITEM = re.compile(r"([*#]+|-)(?:\s+(.*)|$)")
_MACRO = re.compile(r"\{(?:color|panel|anchor)(?::[^}]*)?\}")
# Anything on one line that does not end in a blank; what is escaped counts as one letter.
_BODY = r"(?:\\[^\n]|[^\n\\])*?(?:\\[^\n]|[^\s\\])"
_PIECES = re.compile(
    r"\\(?P<escaped>[\\*_{}\[\]|^~+!#hb-])"
    r"|(?P<url>https?://[^\s|\]\\]+)"
    r"|\{\{(?P<code>.+?)\}\}(?!\})"
    r"|\[(?P<link>(?:\\[^\n]|[^\]\\\n])+)\]"
    r"|\{(?P<mark>[*_-])\}(?=\S)(?P<within>" + _BODY + r")\{(?P=mark)\}"
    r"|(?<![\w*])\*(?=\S)(?P<bold>" + _BODY + r")\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<italic>" + _BODY + r")_(?![\w_])"
    r"|(?<![\w-])-(?=\S)(?P<struck>" + _BODY + r")-(?![\w-])"
)
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~|])|^(\s*\d*)([#>+.)-])(?=\s|$)", re.MULTILINE)


def to_markdown(wiki: str) -> str:
    """The wiki text as Markdown."""
    lines = normalised(wiki).split("\n")
    return normalised("\n\n".join(_wiki_blocks(lines)))


def _wiki_blocks(lines: list[str]) -> list[str]:
    blocks: list[str] = []
    plain: list[str] = []

    def paragraph() -> None:
        if plain:
            text = "\n".join(plain)
            blocks.append(_words(text.replace("\\\\\n", "\x00")).replace("\x00", "\\\n"))
            plain.clear()

    position = 0
    while position < len(lines):
        line = lines[position]
        stripped = line.strip()
        fence = _FENCE.fullmatch(stripped)
        if fence:
            paragraph()
            end = _until(lines, position + 1, f"{{{fence.group(1)}}}")
            body = lines[position + 1 : end]
            mark = _fence_for(body)
            language = (fence.group(2) or "").split("|")[0]
            name = language if _LANGUAGES.fullmatch(language) else ""
            blocks.append("\n".join((f"{mark}{name}", *body, mark)))
            position = end + 1
        elif stripped == "{quote}":
            paragraph()
            end = _until(lines, position + 1, "{quote}")
            inside = "\n\n".join(_wiki_blocks(lines[position + 1 : end]))
            blocks.append("\n".join(f"> {one}".rstrip() for one in inside.split("\n")))
            position = end + 1
        elif heading := _HEADING.fullmatch(stripped):
            paragraph()
            blocks.append(f"{'#' * int(heading.group(1))} {_words(heading.group(2))}")
            position += 1
        elif stripped.startswith("bq. "):
            paragraph()
            blocks.append(f"> {_words(stripped[4:])}")
            position += 1
        elif stripped == "----":
            paragraph()
            blocks.append("---")
            position += 1
        elif _ITEM.fullmatch(stripped) and not stripped.startswith("-----"):
            paragraph()
            end = _run(lines, position, lambda one: bool(_ITEM.fullmatch(one.strip())))
            blocks.append(_items(lines[position:end]))
            position = end
        elif stripped.startswith("|"):
            paragraph()
            end = _run(lines, position, lambda one: one.strip().startswith("|"))
            blocks.append(_rows(lines[position:end]))
            position = end
        elif not stripped:
            paragraph()
            position += 1
        else:
            plain.append(line)
            position += 1
    paragraph()
    return blocks


def _until(lines: list[str], start: int, mark: str) -> int:
    for position in range(start, len(lines)):
        if lines[position].strip() == mark:
            return position
    return len(lines)


def _run(lines: list[str], start: int, belongs: object) -> int:
    position = start
    while position < len(lines) and belongs(lines[position]):  # type: ignore[operator]
        position += 1
    return position


def _fence_for(body: list[str]) -> str:
    longest = max((len(run) for line in body for run in re.findall(r"^\s*(`+)", line)), default=0)
    return "`" * max(3, longest + 1)


def _items(lines: list[str]) -> str:
    out: list[str] = []
    counts: dict[int, int] = {}
    indents = [0]
    for line in lines:
        if (found := _ITEM.fullmatch(line.strip())) is None:
            continue
        marks, text = found.group(1), found.group(2) or ""
        depth = len(marks)
        counts = {level: number for level, number in counts.items() if level <= depth}
        counts[depth] = counts.get(depth, 0) + 1
        sign = f"{counts[depth]}." if marks[-1] == "#" else "-"
        indents = indents[:depth] + [indents[min(depth, len(indents)) - 1]] * (depth - len(indents))
        indent = indents[depth - 1]
        indents = [*indents[:depth], indent + len(sign) + 1]
        out.append(f"{' ' * indent}{sign} {_words(text)}".rstrip())
    return "\n".join(out)


def _rows(lines: list[str]) -> str:
    rows = [_cells(line.strip()) for line in lines]
    width = max(len(row) for row in rows)
    rows = [row + [""] * (width - len(row)) for row in rows]
    head, body = (rows[0], rows[1:]) if lines[0].strip().startswith("||") else ([""] * width, rows)
    drawn = [head, ["---"] * width, *body]
    return "\n".join(f"| {' | '.join(row)} |" for row in drawn)


def _cells(line: str) -> list[str]:
    """The cells of a row, each as Markdown: a bar inside a link or after a backslash divides nothing."""
    pieces = re.findall(r"\\.|\[[^\]\n]*\]|\|+|[^\\|\[]+|.", line)
    cells: list[list[str]] = []
    for is_bar, group in groupby(pieces, key=lambda piece: piece.startswith("|")):
        if not is_bar:
            cells.append(list(group))
    return [_words("".join(cell).strip()) for cell in cells]


def _words(text: str) -> str:
    """The marks within a line, as Markdown."""
    text = _MACRO.sub("", text)
    out: list[str] = []
    last = 0
    for found in _PIECES.finditer(text):
        out.append(_safe(text[last : found.start()]))
        last = found.end()
        if (escaped := found.group("escaped")) is not None:
            out.append(_safe(escaped))
        elif (url := found.group("url")) is not None:
            out.append(url)
        elif (mark := found.group("mark")) is not None:
            sign = {"*": "**", "_": "*", "-": "~~"}[mark]
            out.append(f"{sign}{_words(found.group('within'))}{sign}")
        elif (code := found.group("code")) is not None:
            mark = "`" * (1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
            pad = " " if code.startswith("`") or code.endswith("`") else ""
            out.append(f"{mark}{pad}{code}{pad}{mark}")
        elif (link := found.group("link")) is not None:
            out.append(_link(link))
        elif (bold := found.group("bold")) is not None:
            out.append(f"**{_words(bold)}**")
        elif (italic := found.group("italic")) is not None:
            out.append(f"*{_words(italic)}*")
        elif (struck := found.group("struck")) is not None:
            out.append(f"~~{_words(struck)}~~")
    out.append(_safe(text[last:]))
    return "".join(out)


def _link(inside: str) -> str:
    words, bar, address = inside.rpartition("|")
    if not bar:
        words, address = "", inside
    if re.match(r"(?:https?://|mailto:|/)", address):
        return f"[{_words(words) or address}]({address})"
    return _safe(f"[{inside}]")


def _safe(text: str) -> str:
    return _MARKDOWN.sub(
        lambda found: "\\" + found.group(0) if found.group(1) else f"{found.group(2)}\\{found.group(3)}", text
    )
