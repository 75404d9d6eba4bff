# Turns one icon of lucide-static into a <symbol>: what stands inside its <svg>, on one line.
/^<svg/ { head = 1 }
!head { next }
head == 1 { if (/^>/) head = 2; next }
/^<\/svg>/ { exit }
{ sub(/^ +/, ""); sub(/ \/>$/, "/>"); body = body $0 }
END { printf "<symbol id=\"i-%s\" viewBox=\"0 0 24 24\">%s</symbol>\n", name, body }
