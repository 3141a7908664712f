#!/usr/bin/env bash
# Renews what others have made: the style sheet, the icons and htmx that pages load, axe-core for the browser tests, and
# the fonts of PDFs.
#
# The built files are committed, so running the app or its tests needs neither node nor npm. Run this by hand after a
# version below or a line of program/static/icons.txt has changed, look at the pages, and commit what it wrote.
# Needs node 20 or later and npm. Packages come from whatever registry npm is configured for.
set -euo pipefail

TABLER=1.6.1
ICONS=3.51.0
HTMX=2.0.11
AXE=4.14.1
INTER=0.4.2
EMOJI=0.4.7
# Used only here, to build; nothing of them is shipped.
POSTCSS=8.5.6
LIGHTNINGCSS=1.33.0

root=$(cd "$(dirname "$0")/.." && pwd)
static="$root/program/static"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # fetch NAME VERSION FOLDER: the package as published, unpacked into $work/FOLDER
  mkdir -p "$work/$3"
  (cd "$work" && tar -xzf "$(npm pack --silent "$1@$2")" -C "$3" --strip-components=1)
}

fetch @tabler/core "$TABLER" tabler
fetch @tabler/icons "$ICONS" icons
fetch htmx.org "$HTMX" htmx
fetch axe-core "$AXE" axe
fetch @expo-google-fonts/inter "$INTER" inter
fetch @expo-google-fonts/noto-emoji "$EMOJI" emoji
(cd "$work" && npm init --yes >/dev/null &&
  npm install --silent --no-audit --no-fund "postcss@$POSTCSS" "lightningcss@$LIGHTNINGCSS")

cp "$root/scripts/build_frontend.mjs" "$work/"
rm -rf "$static/vendor" "$root/tests/browser/vendor"
mkdir -p "$static/vendor/tabler" "$static/vendor/tabler-icons" "$static/vendor/htmx" "$root/tests/browser/vendor/axe-core"
node "$work/build_frontend.mjs" "$work" "$static"

cp "$work/icons/LICENSE" "$static/vendor/tabler-icons/LICENSE"
cp "$work/htmx/dist/htmx.min.js" "$work/htmx/LICENSE" "$static/vendor/htmx/"
cp "$work/axe/axe.min.js" "$work/axe/LICENSE" "$work/axe/LICENSE-3RD-PARTY.txt" "$root/tests/browser/vendor/axe-core/"

fonts="$root/program/exports/fonts"
rm -rf "$fonts" && mkdir -p "$fonts"
cp "$work/inter/400Regular/Inter_400Regular.ttf" "$work/inter/600SemiBold/Inter_600SemiBold.ttf" "$fonts/"
cp "$work/emoji/400Regular/NotoEmoji_400Regular.ttf" "$fonts/"
cp "$work/inter/LICENSE_FONT" "$fonts/LICENSE-Inter"
cp "$work/emoji/LICENSE_FONT" "$fonts/LICENSE-NotoEmoji"

row() { # row NAME VERSION LICENCE FILE: one line of the table
  echo "| $1 | $2 | $3 | \`$4\` | \`$(sha256sum "$root/$4" | cut -d' ' -f1)\` |"
}
cat >"$static/vendor/VERSIONS.md" <<MARKDOWN
# What is vendored

Written by \`scripts/vendor_frontend.sh\`; change the versions there, not here.

| package | version | licence | file | sha256 |
|---|---|---|---|---|
$(row @tabler/core "$TABLER" MIT program/static/vendor/tabler/tabler.min.css)
$(row @tabler/icons "$ICONS" MIT program/static/icons.svg)
$(row htmx.org "$HTMX" 0BSD program/static/vendor/htmx/htmx.min.js)
$(row axe-core "$AXE" MPL-2.0 tests/browser/vendor/axe-core/axe.min.js)
$(row @expo-google-fonts/inter "$INTER" OFL-1.1 program/exports/fonts/Inter_400Regular.ttf)
$(row @expo-google-fonts/inter "$INTER" OFL-1.1 program/exports/fonts/Inter_600SemiBold.ttf)
$(row @expo-google-fonts/noto-emoji "$EMOJI" OFL-1.1 program/exports/fonts/NotoEmoji_400Regular.ttf)

Each licence stands beside its file; that of the icons is in \`vendor/tabler-icons/LICENSE\`.

\`tabler.min.css\` is Tabler's own style sheet with these changes, made by \`scripts/build_frontend.mjs\`:

- whole families of components that Milepost does not use are left out (their names are listed in that script),
  so that a phone has a third to read; the families that stay are complete, so a page may use any class of them;
- all of it stands in a cascade layer named \`tabler\`, so that \`milepost.css\` wins without a fight over specificity;
- the icons marked \`css\` in \`icons.txt\` are added as custom properties (\`--icon-NAME\`) for marks drawn by the style sheet.

\`icons.svg\` is one sprite of the icons named in \`icons.txt\`. \`htmx.min.js\`, \`axe.min.js\` and
the fonts are as published.
MARKDOWN
