#!/bin/sh
# Fetches the vendored front end again: Tabler's style sheet, a sprite of the icons the templates use, and Plotly's
# basic bundle, of the version that the Python package draws for.
# Needs npm and is run by hand, to change a version or add an icon; installing and running need neither.
set -eu
tabler=1.6.1
icons=3.51.0
plotly=4.1.1
names="activity-heartbeat alert-triangle award check chevron-down chevron-left chevron-right clock contrast copy dots
download external-link filter flask git-branch git-commit history info-circle key list-check logout minus moon
pencil player-stop plus question-mark refresh search settings sun tag trash user-circle x"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent "@tabler/core@$tabler" "@tabler/icons@$icons" "plotly.js-basic-dist-min@$plotly" >/dev/null
for archive in *.tgz; do
    mkdir "${archive%.tgz}"
    tar xzf "$archive" --strip-components 1 -C "${archive%.tgz}"
done

# The source map is not vendored, and collectstatic refuses a reference to a missing file.
sed '/^\/\*# sourceMappingURL=/d' "tabler-core-$tabler/dist/css/tabler.min.css" > "$here/tabler.min.css"
cp "tabler-icons-$icons/LICENSE" "$here/icons.LICENSE"
{
    echo '<svg xmlns="http://www.w3.org/2000/svg">'
    for name in $names; do
        printf '<symbol id="%s" viewBox="0 0 24 24">' "$name"
        grep -E '^ *<(path|circle|rect|line|polyline|ellipse)' "tabler-icons-$icons/icons/outline/$name.svg" |
            grep -v 'M0 0h24v24H0z' | sed 's/^ *//; s| />|/>|' | tr -d '\n'
        echo '</symbol>'
    done
    echo '</svg>'
} > "$here/icons.svg"
cp "plotly.js-basic-dist-min-$plotly/plotly-basic.min.js" "$here/plotly.min.js"
cp "plotly.js-basic-dist-min-$plotly/LICENSE" "$here/plotly.LICENSE"
cd "$here"
sha256sum icons.LICENSE icons.svg plotly.LICENSE plotly.min.js tabler.LICENSE tabler.min.css > SHA256SUMS
