# perl server.pl NAME [CLEANUP_SECONDS]: as real-trees/servers/server.js, and started in 3 ms
use strict;
my ($name, $cleanup) = (@ARGV, 0.5);
$| = 1;
sub record { open my $log, '>>', 'events.log'; syswrite $log, "$name $_[0] pid $$\n" }
$SIG{TERM} = sub {
  record('told SIGTERM');
  select(undef, undef, undef, $cleanup);
  record('cleaned');
  print "$name: last line\n";
  exit 0;
};
record('ready');
print "$name: ready\n";
sleep 1 while 1;
