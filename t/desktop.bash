# shellcheck shell=bash
# A desktop for tests: a real compositor without a screen, keys that are typed,
# notifications that are shown. `load desktop` stands below `load helpers`.
#
# sway will not be root's, so root's tests have an ordinary user's; programs find
# it by the absolute path of its socket.
#
# shellcheck disable=SC2154 # bats's, and those of helpers.bash

# start_desktop: for setup_file; see need_desktop
start_desktop() {
  export DESKTOP=
  type -P dbus-daemon mako makoctl notify-send sway wofi wtype >/dev/null ||
    return 0
  export DESKTOP=$SANDBOX/desktop
  export WAYLAND_DISPLAY=$DESKTOP/wayland-1 SWAYSOCK=$DESKTOP/sway
  export DBUS_SESSION_BUS_ADDRESS=unix:path=$DESKTOP/bus
  export GDK_BACKEND=wayland NO_AT_BRIDGE=1 GTK_A11Y=none GSETTINGS_BACKEND=memory
  unset DISPLAY
  chmod go+x "$SANDBOX"
  mkdir -p "$DESKTOP/home" "$XDG_CONFIG_HOME/wofi"
  echo normal_window=true >"$XDG_CONFIG_HOME/wofi/config"
  # a resident keyboard: without one, the first keys of each wtype are lost
  cat >"$DESKTOP/config" <<'END'
xwayland disable
output HEADLESS-1 resolution 800x600
exec wtype -s 1000000000
END
  cat >>"$DESKTOP/config" <<END
exec mako --config=$DESKTOP/mako
END
  # of the urgency makoctl says nothing
  cat >"$DESKTOP/mako" <<END
[urgency=critical]
on-notify=exec echo >$DESKTOP/critical
END
  cat >"$DESKTOP/dbus.conf" <<END
<busconfig>
  <type>session</type>
  <listen>$DBUS_SESSION_BUS_ADDRESS</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow eavesdrop="true"/>
    <allow send_destination="*" eavesdrop="true"/>
  </policy>
</busconfig>
END
  chmod 700 "$DESKTOP"
  ((EUID)) || chown -R nobody "$DESKTOP"
  on_desktop dbus-daemon --nofork --config-file="$DESKTOP/dbus.conf"
  wait_until 10 test -S "$DESKTOP/bus"
  WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
    on_desktop sway -c "$DESKTOP/config"
  wait_until 20 test -S "$WAYLAND_DISPLAY" || fail "$(<"$DESKTOP/log")"
  wait_until 20 has_keyboard || fail "$(<"$DESKTOP/log")"
}

# need_desktop: skips a test where there is none
need_desktop() {
  [[ $DESKTOP ]] ||
    skip "sway, wofi, wtype, mako, notify-send or dbus-daemon is not installed"
}

# on_desktop COMMAND...: in the background, as the desktop's user
on_desktop() {
  local as=()
  ((EUID)) || as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
  (
    close_fds
    exec "${as[@]}" env -u WAYLAND_DISPLAY XDG_RUNTIME_DIR="$DESKTOP" \
      HOME="$DESKTOP/home" "$@" >>"$DESKTOP/log" 2>&1 </dev/null
  ) &
}

has_keyboard() {
  swaymsg -t get_inputs 2>/dev/null | grep -q '"type": "keyboard"'
}

# ---- wofi, in a window, so that the compositor says when it is there -----------

# wofi_window: sets $window, wofi's process id, unless it is the one before
wofi_window() {
  local now
  now=$(swaymsg -t get_tree |
    jq '.. | objects | select(.app_id? == "wofi" and .focused) | .pid')
  [[ $now && $now != "${window-}" ]] && window=$now
}

# presses TEXT|-k KEY...: once the next wofi is there
presses() {
  wait_until 20 wofi_window || fail "no wofi" "$(swaymsg -t get_tree | grep '"app_id\|"pid\|"focused')"
  wtype "$@"
}

# asks COMMAND...: in the background, as $picking
asks() {
  (close_fds && exec "$@") <&0 &
  picking=$!
}

# picked STATUS: what $picking, a process of ours, ends with
picked() {
  wait_until 20 has_ended "$picking" ||
    fail "still asking"
  assert_ends "$picking" "$1"
}

has_ended() {
  local state
  { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null || return 0
  [[ $state == Z ]]
}
