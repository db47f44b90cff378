# The reason why vmm exists: vmm ls /lab | fzf | xargs vmm start, on real VMs.

load helpers

setup() {
  guest web1 /lab web
  guest 'my web 2' /lab web
  guest db1 /prod db
}

teardown() {
  drop_guests
}

@test "pipeline: ls | fzf | xargs vmm start boots a real guest" {
  type -P fzf >/dev/null || skip "fzf is not installed"
  run bash -c "vmm ls /lab | fzf --filter=web1 | xargs vmm start"
  assert_equal "$status$output" 0
  console_wait web1 '^GUEST READY'
}

@test "pipeline: fzf on a real terminal, a name with blanks, several at once" {
  type -P fzf tmux >/dev/null || skip "fzf or tmux is not installed"
  local tmux=(tmux -L "vmm$$" -f /dev/null)
  "${tmux[@]}" new-session -d -x 80 -y 20 \
    "vmm ls /lab | fzf -m | xargs -rd '\n' vmm start; echo STATUS \$?; exec cat" \
    3>&-
  wait_until 10 on_screen '2/2'
  "${tmux[@]}" send-keys BTab BTab Enter
  wait_until 20 on_screen 'STATUS 0' >/dev/null ||
    fail "$("${tmux[@]}" capture-pane -p)"
  "${tmux[@]}" kill-server
  console_wait web1 '^GUEST READY'
  console_wait 'my web 2' '^GUEST READY'
  assert_equal "$(vm_state db1)" "shut off"
}

on_screen() {
  tmux -L "vmm$$" capture-pane -p | grep -q "$1"
}

@test "pipeline: a label, started and stopped" {
  run bash -c "vmm ls -R -L web | vmm start -v -"
  assert_output "/lab/my web 2
/lab/web1"
  console_wait web1 '^2$'
  console_wait 'my web 2' '^2$'
  run bash -c "vmm ls -R -s running | vmm stop -"
  assert_equal "$status$output" 0
  run_vmm ls -R -s running
  assert_output ""
}
