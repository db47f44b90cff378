# Completion: what `vmm completion` says, and what becomes of it in bash, zsh
# and fish, each in a terminal, with keys that are typed.
#
# check: release: its readers of words and texts are fuzzed and unit tests, too

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
  # a loaded machine, or sanitizers, may make all slow
  export VMM_COMPLETION_TIMEOUT=30000
  dir=$BATS_TEST_TMPDIR
  cd "$dir"
}

teardown() {
  tmux -L "vmm-completion$$" kill-server 2>/dev/null || :
}

# completes WORD...: what the last could be; $words has it without descriptions
completes() {
  # whatever works for it has no standard error that we see
  ASAN_OPTIONS=log_path=$dir/sanitizer UBSAN_OPTIONS=log_path=$dir/sanitizer \
    run_vmm completion -- "$@"
  ! cat "$dir"/sanitizer.* 2>/dev/null || fail "the sanitizers complain"
  assert_stderr_is_empty
  words=$(cut -f1 <<<"$output")
}

# ---- shells --------------------------------------------------------------------

# shell bash|zsh|fish: in a terminal, with nothing but what is installed
shell() {
  local command prompt='% '
  shell=$1
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
autoload -Uz compinit && compinit -u -C -d '$BATS_FILE_TMPDIR/zcompdump'
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

# hostile: VMs whose names are no words, each alone in a folder /h/N of its own;
# $hostile has the names
hostile() {
  local i
  hostile=('a b' ' a  ' 'grün ✓ 日本' "it's" 'say "so"' '$(touch PWNED)'
    '`touch PWNED`' '${HOME}' 'a;b&c|d' '<a>' '*' 'a?[b]' '~root' '#a' '!!'
    'wow!1 "x"' '-rf' 'a=b:c@d' '{a,b}' '^a^b' '(a)' 'a\b' $'tab\there' '%1'
    "'\$x\"" 'a\' '--' ':x' "a'" '=ls' '/' 'f(x)')
  unset "hostile[-2]" # libvirt refuses a slash
  hostile=("${hostile[@]}")
  [[ ! $(virsh -q list --all --name | grep -xF '!!') ]] || return 0
  for i in "${!hostile[@]}"; do
    test_vm "${hostile[i]}" "/h/$i"
  done
}

# hostile_become QUOTE: each of them is one word of the line
hostile_become() {
  local i path name
  for i in "${!hostile[@]}"; do
    name=${hostile[i]//\\/\\\\}
    path=/h/$i/${name//$'\t'/\\t}
    end=''
    # fish leaves a quote open behind what looks as if it went on
    [[ $shell$name != fish*[-:.,=@] ]] || end=$1
    becomes "vmm info $1/h/$i/" vmm info "$path"
  done
  [[ ! -e PWNED ]]
}

# ---- what is offered -----------------------------------------------------------

@test "completion: commands, also those of others in PATH" {
  completes vmm ''
  assert_equal "$words" "$(vmm --list-cmds)"
  completes vmm sn
  assert_equal "$words" snapshot
  completes vmm -c test:///default sn
  assert_equal "$words" snapshot
  mkdir "$dir/bin"
  printf '#!/bin/sh\ntouch "%s/ran"\n' "$dir" >"$dir/bin/vmm-other"
  chmod +x "$dir/bin/vmm-other"
  PATH=$dir/bin:$PATH completes vmm oth
  assert_equal "$words" other
  # which is not ours to run
  PATH=$dir/bin:$PATH completes vmm other --
  assert_equal "$words" ''
  PATH=$dir/bin:$PATH completes vmm other scr
  assert_equal "$words" scratch
  [[ ! -e $dir/ran ]]
}

@test "completion: every long option of every command" {
  local command
  for command in $(vmm --list-cmds); do
    completes vmm "$command" --
    diff <(sed 's/=$//' <<<"$words" | sort) \
      <(vmm "$command" --help | grep -oE '^ +(-., )?--[a-z-]+' |
        grep -oE -e '--[a-z-]+' | sort) || fail "$command"
  done
  completes vmm --
  diff <(sed 's/=$//' <<<"$words" | sort) <(vmm --help |
    grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -e '--[a-z-]+' | sort)
  completes vmm-ls --out
  assert_output $'--output=\tthese columns, tab-separated'
}

@test "completion: what each argument can be is known, or can be anything" {
  local command kind
  for command in $(vmm --list-cmds); do
    [[ $(head -c 2 "$VMM_EXEC_PATH/vmm-$command") != '#!' ]] || continue
    for kind in $(vmm "$command" --dump-options |
      awk -F'\t' '/^--/ { print $5 } /^operands/ { print $2 }' |
      grep -oE '[A-Z][A-Z-]+'); do
      grep -qF "{\"$kind\", add_" "$VMM_SRCDIR"/lib/*/completing.c ||
        [[ " ALIAS BREAKS NAME SEC TEXT VIRT-INSTALL-OPTION " == *" $kind "* ]] ||
        fail "$command: $kind"
    done
  done
}

@test "completion: VMs by name, folders on the way" {
  completes vmm start w
  assert_equal "$words" $'web1\nweb2'
  assert_line $'web1\tshutoff'
  # to nothing all names, and the way to the folders
  completes vmm start ''
  assert_equal "$words" $'/\ndb1\nscratch\nweb1\nweb2'
  assert_line $'/\tfolder'
  # no VM is called so
  completes vmm start la
  assert_equal "$words" $'lab/\nlab/data/\nlab/web1\nlab/web2'
  completes vmm start lab/w
  assert_equal "$words" $'lab/web1\nlab/web2'
}

@test "completion: paths, a folder at a time, and the one folder with all in it" {
  completes vmm start /
  assert_match '^/lab/$' "$words"
  assert_match '^/scratch$' "$words"
  refute_match web "$words"
  completes vmm start /lab/
  assert_equal "$words" $'/lab/data/\n/lab/web1\n/lab/web2'
  completes vmm start /lab/d
  assert_equal "$words" $'/lab/data/\n/lab/data/sql/'
  completes vmm start /lab/data/sql/
  assert_equal "$words" /lab/data/sql/db1
  completes vmm start /nowhere/
  assert_equal "$words" ''
}

@test "completion: folders, where a folder is wanted" {
  completes vmm clone --folder=/lab/
  assert_equal "$words" $'--folder=/lab/data/\n--folder=/lab/data/sql/'
  completes vmm clone --folder /sc
  assert_equal "$words" ''
  completes vmm mv web1 /lab/d
  assert_equal "$words" $'/lab/data/\n/lab/data/sql/'
}

@test "completion: labels, states, columns, also in lists" {
  completes vmm ls -L ''
  assert_match '^two words$' "$words"
  completes vmm label -a w
  assert_equal "$words" web
  completes vmm ls -Lw
  assert_equal "$words" -Lweb
  completes vmm ls --label=w
  assert_equal "$words" --label=web
  completes vmm ls -s ''
  assert_equal "$words" "$(printf '%s\n' running blocked paused shutdown \
    shutoff crashed pmsuspended saved)"
  completes vmm ls --state=running,sh
  assert_equal "$words" $'--state=running,shutdown\n--state=running,shutoff'
  completes vmm ls -o name,st
  assert_equal "$words" name,state
  completes vmm snapshot -o cr
  assert_equal "$words" created
  completes vmm ls --sort pa
  assert_equal "$words" path
  completes vmm wait --for a
  assert_equal "$words" agent
  completes vmm ls --color=
  assert_equal "$words" $'--color=auto\n--color=always\n--color=never'
}

@test "completion: options end, and take the words that are theirs" {
  completes vmm clone web1 ''
  assert_equal "$words" ''
  completes vmm rename ''
  assert_match '^web1$' "$words"
  completes vmm rename web1 w
  assert_equal "$words" ''
  completes vmm ls -- --
  assert_equal "$words" ''
  completes vmm ls -L x w
  assert_equal "$words" $'web1\nweb2'
  completes vmm ls -l
  assert_equal "$words" -l
  completes vmm config ''
  assert_equal "$words" $'get\nlist'
  completes vmm config get menu.i
  assert_equal "$words" menu.icons
  completes vmm config list ''
  assert_equal "$words" ''
  completes vmm screen folder
  assert_equal "$words" $'folder\nfolders'
  completes vmm screen label w
  assert_equal "$words" web
  completes vmm menu --picker=w
  assert_equal "$words" --picker=wofi
  completes vmm menu scr
  assert_equal "$words" scratch
  completes vmm create -- --na
  assert_equal "$words" ''
  completes vmm --exec-path=
  assert_output $'\tfiles'
  completes vmm no-such-command ''
  completes vmm ''
}

@test "completion: snapshots of the VMs on the line, else of all" {
  virsh -q snapshot-create-as web1 clean --description 'a
new one'
  virsh -q snapshot-create-as web1 'two words'
  virsh -q snapshot-create-as web2 other
  completes vmm revert --to=
  assert_equal "$words" $'--to=clean\n--to=other\n--to=two words'
  completes vmm revert web1 --to ''
  assert_equal "$words" $'clean\ntwo words'
  assert_line $'clean\ta\\nnew one'
  completes vmm snapshot /lab/web2 --delete=
  assert_equal "$words" --delete=other
  completes vmm revert '/lab/*' --to o
  assert_equal "$words" other
  completes vmm snapshot --name=
  assert_equal "$words" ''
  virsh -q snapshot-delete web1 clean
  virsh -q snapshot-delete web1 'two words'
  virsh -q snapshot-delete web2 other
}

@test "completion: hosts; the one that the line names is asked" {
  completes vmm -c qemu:///s
  assert_equal "$words" $'qemu:///system\nqemu:///session'
  completes vmm ls --connect=qemu:///se
  assert_equal "$words" --connect=qemu:///session
  LIBVIRT_DEFAULT_URI=nonsense:///x completes vmm -c test:///default start t
  assert_equal "$words" test
  completes vmm start -c test:///default t
  assert_equal "$words" test
  completes vmm start --connect=test:///default t
  assert_equal "$words" test
  completes vmm start -ctest:///default t
  assert_equal "$words" test
  completes vmm-start -c nonsense:///x t
  assert_equal "$words" ''
  virsh -q pool-define-as --name pool1 --type dir --target /tmp
  virsh -q pool-start pool1
  completes vmm clone --pool=po
  assert_equal "$words" --pool=pool1
  virsh -q pool-destroy pool1
  virsh -q pool-undefine pool1
}

@test "completion: what would need escapes is left out where there are none" {
  test_vm odd /odd $'tab\there' 'back\slash'
  completes vmm ls -L ''
  assert_match '^back\\slash$' "$words"
  refute_match 'tab|here' "$words"
  virsh -q undefine odd
}

# ---- what programs said, and is kept ---------------------------------------------

# copied: vmm-completion, and a command 'fake', live in a folder of their own;
# $entry is where is kept what that one says
copied() {
  export VMM_EXEC_PATH=$dir/libexec XDG_CACHE_HOME=$dir/cache
  mkdir "$dir/libexec"
  cp "$VMM_BUILDDIR"/cmd/{vmm-completion,vmm-stop,vmm-wait,host-words} "$dir/libexec"
  fake --one
  entry=$dir/cache/vmm/options/vmm-fake
}

# fake OPTION: that is what 'vmm fake' has, and it counts how often it was asked;
# always of the same size and, by its time stamp, age
fake() {
  printf '#!/bin/sh\necho >>%q\necho "  %-9s  help"\n' "$dir/asked" "$1" \
    >"$dir/fake.new"
  chmod +x "$dir/fake.new"
  touch -d 2020-01-01 "$dir/fake.new"
  mv "$dir/fake.new" "$dir/libexec/vmm-fake"
}

# offers OPTION COUNT: 'vmm fake' has it, and was asked COUNT times so far
offers() {
  completes vmm fake --
  assert_equal "$words" "$1"
  assert_equal "$(wc -l <"$dir/asked")" "$2"
}

@test "completion: a program is asked once for its options" {
  copied
  offers --one 1
  offers --one 1
  assert_equal "$(find "$dir/cache" -mindepth 1 -printf '%P %m\n' | sort)" "vmm 700
vmm/options 700
vmm/options/vmm-fake 600"
}

@test "completion: a program that is replaced is asked again" {
  copied
  offers --one 1
  fake --two
  offers --two 2
  offers --two 2
  # the same file with something else in it
  sed 's/--two/--six/' "$dir/libexec/vmm-fake" >"$dir/six"
  cat "$dir/six" >"$dir/libexec/vmm-fake"
  touch -d 2020-01-01 "$dir/libexec/vmm-fake"
  offers --six 3
  # programs that are none of sh, and the same elsewhere
  mv "$dir/libexec/vmm-wait" "$dir/libexec/vmm-fake"
  completes vmm fake --fo
  assert_equal "$words" --for=
  mv "$dir/libexec/vmm-stop" "$dir/libexec/vmm-fake"
  completes vmm fake --fo
  assert_equal "$words" --force
  cp -a "$dir/libexec" "$dir/other"
  mv "$dir/six" "$dir/other/vmm-fake"
  chmod +x "$dir/other/vmm-fake"
  VMM_EXEC_PATH=$dir/other offers --six 4
  # what was there before is not kept
  assert_equal "$(ls "$dir/cache/vmm/options")" vmm-fake
}

@test "completion: what is broken in the cache is not there, and is mended" {
  local whole=$BATS_TEST_TMPDIR/whole asked=1 spoil spoiled
  copied
  offers --one 1
  cp "$entry" "$whole"
  spoil=(': >%s' 'head -c -1 whole >%s' 'head -n 1 whole >%s'
    'head -c 9 whole >%s' 'echo >>%s' 'sed s/--one/--bad/ whole >%s'
    'tail -n +2 whole >%s' 'head -c 9999 /dev/zero >%s'
    'head -c 9999 /dev/urandom >%s' 'truncate -s 3G %s'
    'rm %s; mkfifo %s' 'rm %s; ln -s whole %s' 'rm %s; ln -s /dev/zero %s'
    'chown 1 %s; chmod 666 %s')
  ((EUID == 0)) || unset 'spoil[-1]' # to give away what is ours takes root
  for spoiled in "${spoil[@]}"; do
    echo "${spoiled//%s/entry}"
    eval "${spoiled//%s/\"\$entry\"}"
    VMM_TIMEOUT=20 offers --one "$((++asked))"
    cmp "$whole" "$entry"
    [[ $(stat -c '%F %u %a' "$entry") == "regular file $EUID 600" ]]
    offers --one "$asked"
  done
}

@test "completion: where nothing can be kept, programs are asked each time" {
  local place asked=0
  copied
  mkdir "$dir/folder" "$dir/folder/vmm" "$dir/folder/vmm/options" \
    "$dir/folder/vmm/options/vmm-fake" "$dir/file"
  touch "$dir/file/vmm"
  for place in "$dir/folder" "$dir/file" /dev/null /proc; do
    XDG_CACHE_HOME=$place offers --one "$((++asked))"
    XDG_CACHE_HOME=$place offers --one "$((++asked))"
  done
  XDG_CACHE_HOME=relative HOME='' offers --one "$((++asked))"
  XDG_CACHE_HOME=relative HOME='' offers --one "$((++asked))"
  [[ ! -e relative ]]
  XDG_CACHE_HOME='' HOME=$dir/home offers --one "$((++asked))"
  XDG_CACHE_HOME='' HOME=$dir/home offers --one "$asked"
  [[ -f $dir/home/.cache/vmm/options/vmm-fake ]]
}

@test "completion: a program that fails or is too late has no options, this time" {
  copied
  printf '#!/bin/sh\necho "  --half  help"\nexit 1\n' >"$dir/libexec/vmm-fake"
  completes vmm fake --
  assert_equal "$words" ''
  printf '#!/bin/sh\necho "  --half  help"\nexec sleep 60\n' >"$dir/libexec/vmm-fake"
  VMM_COMPLETION_TIMEOUT=100 completes vmm fake --
  assert_equal "$words" ''
  [[ ! -e $entry ]]
  fake --one
  offers --one 1
}

@test "completion: what a program says reaches no terminal as it is" {
  copied
  printf '#!/bin/sh\nprintf "  --a\\033[31mb  x\\n  --good  \\033[31mred\\n"\n' \
    >"$dir/libexec/vmm-fake"
  completes vmm fake --
  assert_output $'--good\t\\x1b[31mred'
  completes vmm fake --
  assert_output $'--good\t\\x1b[31mred'
}

@test "completion: what needs no host is there without libvirt" {
  local program
  for program in vmm vmm-completion; do
    run -0 ldd "$VMM_EXEC_PATH/$program"
    refute_match libvirt
  done
}

# ---- no answer -----------------------------------------------------------------

@test "completion: silent where no daemon is; what needs none is there" {
  export LIBVIRT_DEFAULT_URI="qemu+unix:///system?socket=$dir/none"
  completes vmm start ''
  assert_output ''
  completes vmm start --fo
  assert_equal "$words" ''
  completes vmm stop --fo
  assert_equal "$words" --force
}

@test "completion: a daemon that is stopped is given up, and nothing stays" {
  local took
  unset VMM_COMPLETION_TIMEOUT
  daemon pause
  took=$(VMM_TIMEOUT=20 seconds completes vmm start '') || :
  output=$(vmm completion -- vmm start '' 2>&1)
  assert_equal "$output" ''
  completes vmm ls -s run
  assert_equal "$words" running
  daemon resume
  awk -v took="$took" 'BEGIN { exit !(took < 10) }' || fail "it took $took s"
  ! pids 'vmm-completion .*start|host-words'
}

@test "completion: nobody is asked for a password" {
  cat >"$dir/auth.xml" <<'END'
<node><auth><user password="s3cret">astro</user></auth></node>
END
  printf '#!/bin/sh\ntouch "%s/asked"\n' "$dir" >"$dir/askpass"
  chmod +x "$dir/askpass"
  VMM_ASKPASS=$dir/askpass completes vmm -c "test://$dir/auth.xml" start ''
  assert_output ''
  [[ ! -e $dir/asked ]]
}

@test "completion: bash needs no bash-completion" {
  run -0 bash --norc -c '
    . "$1"
    COMP_LINE="vmm start \"/lab/w; x" COMP_POINT=17 COMP_WORDBREAKS=" =:"
    _vmm 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' - "$VMM_SRCDIR/share/completion/bash/vmm"
  assert_output $'/lab/web1\n/lab/web2'
}

# ---- in the shells -------------------------------------------------------------

# words_become: the same in each shell
words_become() {
  becomes 'vmm sn' vmm snapshot
  becomes 'vmm start /l' vmm start /lab/
  becomes 'vmm start /lab/w' vmm start /lab/web
  becomes 'vmm start web1 -v lab/data/s' vmm start web1 -v lab/data/sql/
  becomes 'vmm ls --out' vmm ls --output=
  becomes 'vmm ls --sta' vmm ls --state=
  becomes 'vmm ls --output=name,fol' vmm ls --output=name,folder
  becomes 'vmm ls -o name,fol' vmm ls -o name,folder
  becomes 'vmm ls --label=two' vmm ls '--label=two words'
  becomes "vmm ls --label='tw" vmm ls '--label=two words'
  becomes 'vmm ls -L "tw' vmm ls -L 'two words'
  becomes 'vmm -c qemu:///sy' vmm -c qemu:///system
  becomes 'vmm ls --connect=qemu:///sy' vmm ls --connect=qemu:///system
  becomes 'vmm-ls --rec' vmm-ls --recursive
  becomes 'vmm menu --pi' vmm menu --picker=
  end=x becomes 'vmm config get core.ur' vmm config get core.uri x
  end=x becomes 'vmm ls /lab/d' vmm ls /lab/data/x
  end=''
  touch some.txt
  becomes 'vmm --exec-path=some' vmm --exec-path=some.txt
  becomes 'vmm screen main --follow so' vmm screen main --follow some.txt
}

# shows_all: to an empty word
shows_all() {
  types 'vmm info '
  keys Tab Tab
  wait_until 20 sees '^/ ' || fail "$(look)"
  sees '(^| )web2( |$)' || fail "$(look)"
  keys C-u
  becomes 'vmm info /l' vmm info /lab/
}

@test "completion: bash completes words, parts of words, and lists" {
  shell bash
  words_become
  becomes 'sudo vmm sn' sudo vmm snapshot
}

@test "completion: bash shows the way to the folders beside all names" {
  shell bash
  shows_all
}

@test "completion: bash puts any name on the line as one word" {
  hostile
  shell bash
  hostile_become ''
}

@test "completion: bash puts any name into open quotes" {
  hostile
  shell bash
  hostile_become "'"
  hostile_become '"'
}

@test "completion: bash runs nothing that is on the line, and shows a list" {
  shell bash
  types 'vmm info $(touch PWNED) `touch PWNED` "$(touch PWNED)" /lab/we'
  keys Tab Tab Tab
  wait_until 20 sees '/lab/web1.*|web1 ' || fail "$(look)"
  keys C-u
  becomes 'vmm info scr' vmm info scratch
  [[ ! -e PWNED ]]
}

@test "completion: zsh completes words, parts of words, and lists" {
  shell zsh
  words_become
}

@test "completion: zsh shows the way to the folders beside all names" {
  shell zsh
  shows_all
}

@test "completion: zsh puts any name on the line as one word" {
  hostile
  shell zsh
  hostile_become ''
}

@test "completion: zsh puts any name into open quotes" {
  hostile
  shell zsh
  hostile_become "'"
  hostile_become '"'
}

@test "completion: zsh runs nothing that is on the line, and shows a list" {
  shell zsh
  types 'vmm info $(touch PWNED) `touch PWNED` "$(touch PWNED)" /lab/we'
  keys Tab Tab Tab
  wait_until 20 sees '/lab/web1.*|web1 ' || fail "$(look)"
  keys C-u
  becomes 'vmm info scr' vmm info scratch
  [[ ! -e PWNED ]]
}

@test "completion: fish completes words, parts of words, and lists" {
  shell fish
  words_become
}

@test "completion: fish shows the way to the folders beside all names" {
  shell fish
  shows_all
}

@test "completion: fish puts any name on the line as one word" {
  hostile
  shell fish
  hostile_become ''
}

@test "completion: fish puts any name into open quotes" {
  hostile
  shell fish
  hostile_become "'"
  hostile_become '"'
}

@test "completion: fish runs nothing that is on the line, and shows a list" {
  shell fish
  types 'vmm info $(touch PWNED) `touch PWNED` "$(touch PWNED)" /lab/we'
  keys Tab Tab Tab
  wait_until 20 sees '/lab/web1.*|web1 ' || fail "$(look)"
  keys C-u
  becomes 'vmm info scr' vmm info scratch
  [[ ! -e PWNED ]]
}
