# perl reader.pl FILE: as real-trees/servers/reader.js, and started in 3 ms
use strict;
my ($file) = @ARGV;
sub record { open my $log, '>>', 'events.log'; syswrite $log, "reader $_[0] pid $$\n" }
$SIG{TERM} = sub { record('told SIGTERM'); exit 1 };
record('ready');
while (sysread STDIN, my $chunk, 65536) { open my $out, '>>', $file; syswrite $out, $chunk }
record('ended');
