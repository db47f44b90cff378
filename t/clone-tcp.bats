# vmm clone over TCP, where no file can be opened by its path: all of clone.bats
# once more.

load helpers

# A proxy between TCP and the daemon's socket: libvirt speaks the same there.
setup_file() {
  local port=$BATS_FILE_TMPDIR/port
  (close_fds && exec perl -MIO::Socket::INET -MIO::Socket::UNIX -MIO::Select -e '
    $SIG{CHLD} = "IGNORE";
    my ($path, $file) = @ARGV;
    my $in = IO::Socket::INET->new(Listen => 20, LocalAddr => "127.0.0.1") or die;
    open my $out, ">", "$file.new" or die;
    print $out $in->sockport;
    close $out;
    rename "$file.new", $file;
    while (my $a = $in->accept) {
      next if fork;
      my $b = IO::Socket::UNIX->new(Peer => $path) or die;
      my $both = IO::Select->new($a, $b);
      while (my @ready = $both->can_read) {
        for my $from (@ready) {
          my $to = $from == $a ? $b : $a;
          sysread($from, my $part, 65536) or exit;
          while (length $part) {
            my $n = syswrite($to, $part) or exit;
            substr($part, 0, $n) = "";
          }
        }
      }
    }' "$SANDBOX/run/libvirt/libvirt-sock" "$port") &
  export PROXY=$!
  wait_until 10 test -s "$port"
  LIBVIRT_DEFAULT_URI=qemu+tcp://127.0.0.1:$(<"$port")/$SANDBOX_MODE
  export LIBVIRT_DEFAULT_URI
}

teardown_file() {
  kill "$PROXY"
}

@test "clone: full and linked, over TCP" {
  virsh -q uri | grep -q '^qemu+tcp:'
  run bats --tap "$VMM_SRCDIR/t/clone.bats"
  # its own tests count; what they said is of use only where one fails
  ((status == 0)) || fail "$(grep -E '^(not ok|#)' <<<"$output")"
  assert_match '^ok 1 '
}
