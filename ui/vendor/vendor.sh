#!/bin/sh
# Fetches what Mitral takes from others and puts just the needed files into the tree.
#
#   ui/vendor/vendor.sh          write ui/assets/… and e2e/vendor/…
#   ui/vendor/vendor.sh --check  fetch again and fail if the committed files are not the same
#
# Packages come by name and version through npm, and must have the sha512 of vendor.lock. To take a
# new version: change it there, put the sum that this script then reports, and look at the difference.
# Needs npm, tar, openssl, awk, and python3 for the font of the digits (fontTools, fetched by pip).
set -eu
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../.. && pwd)
fonttools=4.60.1
brotli=1.2.1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
out=$work/out
mkdir -p "$out/ui/assets/fonts" "$out/e2e/vendor"

while read -r name version sum; do
	case $name in '' | '#'*) continue ;; esac
	dir=$work/$(echo "$name" | tr '/' '+')
	mkdir -p "$dir"
	(cd "$dir" && npm pack --silent "$name@$version" >/dev/null)
	got=sha512-$(openssl dgst -sha512 -binary "$dir"/*.tgz | openssl base64 -A)
	if [ "$got" != "$sum" ]; then
		echo "vendor: $name $version has $got, vendor.lock wants $sum" >&2
		exit 1
	fi
	tar -xzf "$dir"/*.tgz -C "$dir"
done <vendor.lock

# Icons: those of icons.txt and our valve, in one sprite.
lucide=$work/lucide-static/package/icons
{
	echo '<svg xmlns="http://www.w3.org/2000/svg">'
	while read -r icon; do
		awk -v name="$icon" -f sprite.awk "$lucide/$icon.svg"
	done <icons.txt
	printf '<symbol id="i-valve" viewBox="0 0 24 24">%s</symbol>\n</svg>\n' "$(cat valve.svg)"
} >"$out/ui/assets/icons.svg"
cp "$work/lucide-static/package/LICENSE" "$out/ui/assets/icons-LICENSE.txt"

# Letters as they are; of Public Sans only the digits, proportional and tabular.
atkinson=$work/@fontsource-variable+atkinson-hyperlegible-next/package
public=$work/@fontsource-variable+public-sans/package
cp "$atkinson/files/atkinson-hyperlegible-next-latin-wght-normal.woff2" "$out/ui/assets/fonts/"
cp "$atkinson/LICENSE" "$out/ui/assets/fonts/OFL-atkinson-hyperlegible-next.txt"
cp "$public/LICENSE" "$out/ui/assets/fonts/OFL-public-sans.txt"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "fonttools==$fonttools" "brotli==$brotli"
"$work/venv/bin/pyftsubset" "$public/files/public-sans-latin-wght-normal.woff2" \
	--unicodes=U+0030-0039 --layout-features=tnum --flavor=woff2 --no-hinting --desubroutinize \
	--name-IDs='*' --notdef-outline --output-file="$out/ui/assets/fonts/public-sans-digits.woff2"

# For tests only: it is never part of the program.
cp "$work/axe-core/package/axe.min.js" "$work/axe-core/package/LICENSE" "$out/e2e/vendor/"
mv "$out/e2e/vendor/LICENSE" "$out/e2e/vendor/LICENSE-axe-core.txt"

find "$out" -type f -exec chmod 644 {} +
(cd "$out" && find . -type f | LC_ALL=C sort | sed 's|^\./||' | xargs openssl dgst -sha256 -r) >"$work/files.sha256"

if [ "${1-}" = --check ]; then
	cmp "$work/files.sha256" files.sha256
	(cd "$out" && find . -type f) | while read -r f; do cmp "$out/$f" "$root/$f"; done
	echo "vendor: the committed files are what vendor.lock describes"
	exit 0
fi
cp -R "$out/." "$root/"
cp "$work/files.sha256" "$here/files.sha256"
