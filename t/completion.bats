# Completion: what `vmm completion` says, and what becomes of it in bash, zsh
# and fish, each in a terminal, with keys that are typed.

load helpers

setup_file() {
  hold_test_driver
  export LIBVIRT_DEFAULT_URI=$SANDBOX_TEST_URI
  test_vm web1 /lab web
  test_vm web2 /lab web
  test_vm db1 /lab/data/sql db "two words"
  test_vm scratch
}

teardown_file() {
  release_test_driver
}

setup() {
  dir=$BATS_TEST_TMPDIR
}

teardown() {
  tmux -L "vmm-completion$$" kill-server 2>/dev/null || :
}

# completes WORD...: what the last could be; $words has it without descriptions
completes() {
  run_vmm completion -- "$@"
  assert_stderr_is_empty
  words=$(cut -f1 <<<"$output")
}

# ---- shells --------------------------------------------------------------------

# shell bash|zsh|fish: in a terminal, with nothing but what is installed
shell() {
  local command prompt='% '
  type -P "$1" tmux >/dev/null || skip "$1 or tmux is not installed"
  mkdir -p "$dir/bin" "$dir/completions" "$dir/zsh"
  cp "$VMM_SRCDIR/share/completion/bash/vmm" "$dir/completions/vmm"
  cp "$VMM_SRCDIR/share/completion/vmm.fish" "$VMM_SRCDIR/share/completion/_vmm" \
    "$dir/completions"
  # what a line turned into, as the shell itself understands it
  cat >"$dir/bin/args" <<END
#!/bin/sh
printf '%s\n' "\$@" >'$dir/args.new'
mv '$dir/args.new' '$dir/args'
END
  chmod +x "$dir/bin/args"
  case $1 in
    bash)
      [[ -r /usr/share/bash-completion/bash_completion ]] ||
        skip "bash-completion is not installed"
      cat >"$dir/bashrc" <<END
unset HISTFILE
bind 'set enable-bracketed-paste off'
export BASH_COMPLETION_USER_DIR='$dir'
. /usr/share/bash-completion/bash_completion
PS1='$prompt'
END
      command=(bash --noprofile --rcfile "$dir/bashrc" -i)
      ;;
    zsh)
      cat >"$dir/zsh/.zshrc" <<END
fpath=('$dir/completions' \$fpath)
autoload -Uz compinit && compinit -u -d '$dir/zsh/dump'
bindkey -e
unsetopt PROMPT_SP
PS1='%% '
END
      command=(env "ZDOTDIR=$dir/zsh" zsh -d -i)
      ;;
    fish)
      cat >"$dir/config.fish" <<END
set -g fish_complete_path '$dir/completions'
set -g fish_autosuggestion_enabled 0
set -g fish_greeting
function fish_prompt; printf '%s' '$prompt'; end
END
      command=(fish --no-config -C "source '$dir/config.fish'" -i)
      ;;
  esac
  tmux -L "vmm-completion$$" -f /dev/null new-session -d -x 130 -y 45 \
    env "PATH=$dir/bin:$PATH" "${command[@]}" 3>&-
  wait_until 30 sees '^% ?$' || fail "$(look)"
}

look() {
  tmux -L "vmm-completion$$" capture-pane -p
}

# sees ERE: it is on the screen
sees() {
  look | grep -qE -e "$1"
}

keys() {
  tmux -L "vmm-completion$$" send-keys "$@"
}

types() {
  keys -l -- "$1"
}

# becomes LINE WORD...: that is what LINE is after a Tab, word by word
becomes() {
  local line=$1
  shift
  rm -f "$dir/args"
  types "$line"
  keys Tab
  types "$end"
  keys C-a
  types 'args '
  keys Enter
  wait_until 20 test -e "$dir/args" || fail "no command: $line" "$(look)"
  assert_equal "$(<"$dir/args")" "$(printf '%s\n' "$@")"
}
end=''

# ---- what is offered -----------------------------------------------------------

@test "completion: commands, also those of others in PATH" {
  completes vmm ''
  assert_equal "$words" "$(vmm --list-cmds)"
  completes vmm sn
  assert_equal "$words" snapshot
}

@test "completion: a bash command" {
  shell bash
  becomes 'vmm sn' vmm snapshot
  becomes 'vmm start /l' vmm start /lab/
  becomes 'vmm start /lab/w' vmm start /lab/web
  becomes 'vmm ls --out' vmm ls --output=
}

@test "completion: a zsh command" {
  shell zsh
  becomes 'vmm sn' vmm snapshot
  becomes 'vmm start /l' vmm start /lab/
  becomes 'vmm start /lab/w' vmm start /lab/web
  becomes 'vmm ls --out' vmm ls --output=
}

@test "completion: a fish command" {
  shell fish
  becomes 'vmm sn' vmm snapshot
  becomes 'vmm start /l' vmm start /lab/
  becomes 'vmm start /lab/w' vmm start /lab/web
  becomes 'vmm ls --out' vmm ls --output=
}
