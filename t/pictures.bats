# scripts/pictures: those of README can be made anew, of the programs as they are.
#
# check: release: no C of ours is beneath it but what menu.bats runs

load helpers

@test "pictures: the menu's, in a terminal and on a desktop" {
  ((EUID == 0)) || skip "needs root: disks where they usually are"
  local made=$BATS_TEST_TMPDIR/made text
  for text in tmux dbus-daemon grim mako makoctl notify-send sway wofi wtype; do
    type -P "$text" >/dev/null || skip "$text is not installed"
  done
  mkdir "$made"
  (close_fds && exec "$VMM_SRCDIR/scripts/pictures" --inside "$made")
  for text in 'path: /lab/web1' web2 'shutoff      web10'; do
    grep -qF "$text</text>" "$made/terminal.svg" || fail "it does not say: $text"
  done
  assert_equal "$(tail -n 1 "$made/terminal.svg")" "</svg>"
  # a PNG's width and height
  assert_equal "$(od -An -tu1 -j16 -N8 "$made/desktop.png" | tr -s ' ')" \
    " 0 0 2 188 0 0 1 144"
}
